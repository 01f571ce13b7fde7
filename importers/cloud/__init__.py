"""Resources of clouds as Terraform plans and CloudFormation templates declare them."""

from importers.cloud.cloudformation import CLOUDFORMATION
from importers.cloud.terraform import TERRAFORM

__all__ = ["CLOUDFORMATION", "TERRAFORM"]
