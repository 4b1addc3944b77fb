"""Python reads this when it starts the SAM CLI for the local stack, and for nothing else.

The SAM CLI zips every program at every deployment, which takes zlib more than a minute of processor time. ISA-L makes zips
that anybody reads in a tenth of that; they are a seventh larger, which nobody pays for on the way to an emulator on the same
machine (figures: infra/decisions/0005). The SAM CLI has no option for it, so `zipfile` is given another zlib to pack with.
"""

import zipfile

from isal import isal_zlib

zipfile.zlib = isal_zlib
