"""The template as CloudFormation gets it, as JSON: SAM makes roles, mappings, permissions and a stage of what is written.

What hangs on a condition comes along, and intrinsic functions stay as they are. Parameters have their defaults.
"""

import json
import sys

from boto3.session import Session
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse


def main(path):
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    for resource in template["Resources"].values():
        # The transform wants code where a deployment would have put it.
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    translator = Translator({}, Parser(), boto_session=Session(region_name="eu-west-1"))
    parameters = {name: one["Default"] for name, one in template["Parameters"].items() if "Default" in one}
    json.dump(translator.translate(template, parameters), sys.stdout)


main(sys.argv[1])
