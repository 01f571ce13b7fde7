"""Resources of clouds as Terraform, CloudFormation, Bicep and ARM templates declare them."""

from importers.cloud.azure import ARM, BICEP
from importers.cloud.cloudformation import CLOUDFORMATION
from importers.cloud.terraform import TERRAFORM
from importers.cloud.written import WRITTEN

__all__ = ["ARM", "BICEP", "CLOUDFORMATION", "TERRAFORM", "WRITTEN"]
