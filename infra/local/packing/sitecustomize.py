"""Python reads this when it starts the SAM CLI for the local stack, and for nothing else.

The SAM CLI zips every program at every deployment, at zlib's usual level, which takes more than a minute of processor time.
At the quickest level it takes a quarter of that, and the files are a tenth larger, which nobody pays for on the way to an
emulator on the same machine (figures: infra/decisions/0005). The SAM CLI has no option for it; `zipfile` asks for the
level by this name whenever it begins a file.
"""

import zlib

zlib.Z_DEFAULT_COMPRESSION = zlib.Z_BEST_SPEED
