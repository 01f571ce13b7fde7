"""Resources of clouds as plans and files of Terraform, CloudFormation templates and Bicep declare them."""

from importers.cloud.azure import BICEP
from importers.cloud.cloudformation import CLOUDFORMATION
from importers.cloud.terraform import TERRAFORM
from importers.cloud.written import WRITTEN

__all__ = ["BICEP", "CLOUDFORMATION", "TERRAFORM", "WRITTEN"]
