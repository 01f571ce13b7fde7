"""Resources of clouds as plans and files of Terraform and CloudFormation templates declare them."""

from importers.cloud.cloudformation import CLOUDFORMATION
from importers.cloud.terraform import TERRAFORM
from importers.cloud.written import WRITTEN

__all__ = ["CLOUDFORMATION", "TERRAFORM", "WRITTEN"]
