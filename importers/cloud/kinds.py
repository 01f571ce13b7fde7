"""Kinds of cloud resources: which only configure others, which give rights, and which are networks or platforms."""

from __future__ import annotations

import re
from functools import lru_cache

_GLUE = re.compile(
    r"role|policy|policies|attachment|association|security[_-]?group|route|_rule$|::rule$|permission|version|"
    r"config|subnet|gateway_"
    r"attachment|internet_?gateway|nat_?gateway|::eip|_eip|alarm|dashboard|target|listener|autoscaling_policy|"
    r"lifecycle|"
    r"taskdefinition|task_definition|notification|customresource|^custom::|waitcondition|certificate|record|"
    r"zone|alias|"
    r"layer|stage|deployment$|method|integration|authorizer|usage_?plan|api_?key|userpoolclient|"
    r"user_pool_client|userpooldomain|"
    r"parameter|kms|encryption|versioning|access_block|ownership|acl|_object|instance_?profile|"
    r"network_interface|endpoint_?group|"
    r"vpc_?endpoint|::vpcendpoint|random_|null_|local_|time_|tls_|archive_|resource_group|subscription_?filter|"
    r"schedule|mapping|"
    r"originaccess|origin_access|service_account|iam_|binding|member|project_service|dhcp|flow_?log|api_?resource|"
    r"resource_policy|data_?protection|scalable|event_?source|subscription$|_user$|metric|budget|metadata|"
    r"nested|::stack$|servicediscovery|iam_?group|iam::group|glue_?table|glue::table|"
    r"catalog_table|network_peering|peeringconnection|firewall|::macro$|option_group|parameter_group|"
    r"subnet_group|lambda::url|"
    r"userpoolgroup|logs::deliver|s3::object|reportgroup|servicecatalog|wafregional|request_validator|"
    r"api_gateway_model|"
    r"apigateway::(?:account|resource)$|kubectl_|terraform_data|compute_address|private_endpoint|public_ip|api_management_|private_service_connection|eks_addon|storage_class|vpc-endpoints|log_delivery|function_url$|htpasswd|microsoft\.resources/|"
    r"diagnosticsettings|^microsoft\.[a-z.]+/[a-z]+/|privateendpoint|private-endpoint|publicip|"
    r"microsoft\.managedidentity|managed-identity|private-dns|network-security|ptn/authorization|bastion|"
    r"natgateways|microsoft\.portal|role-assignment|microsoft\.insights/(?!components)|ssl_?cert|_password$|"
    r"networkinterface|dms::endpoint|placement|accesspoint|access_point|mount_?target",
    re.IGNORECASE,
)
_NOT_GLUE = re.compile(
    r"apigatewayv2_api$|rest_api$|::gatewaytarget$|gateway_target$|cognitive_deployment|kubernetes_deployment|"
    r"secretsmanager|"
    r"job_definition|vaults/secrets$|secret_manager_secret$|sagemaker::modelpackagegroup",
    re.IGNORECASE,
)
_SECRETS = frozenset({"microsoft.keyvault/vaults/secrets", "azurerm_key_vault_secret"})
_VPC = frozenset(
    {"aws_vpc", "aws::ec2::vpc", "google_compute_network", "azurerm_virtual_network", "kubernetes_namespace",
     "kubernetes_namespace_v1", "microsoft.network/virtualnetworks", "module avm/res/network/virtual-network"}
)  # fmt: skip
_NETWORK = re.compile(r"^module .*/(?:vpc|network|vnet|virtual-network)/(?:aws|google|azurerm)$")
PLATFORMS = (
    "web/serverfarms",
    "app/managedenvironments",
    "web/serverfarm",
    "app/managed-environment",
    "/eks/aws",
    "/kubernetes-engine/google",
    "/aks/azurerm",
    "eks_cluster",
    "kubernetes_cluster",
    "container_cluster",
)
TELEMETRY = (
    "microsoft.insights/components",
    "microsoft.operationalinsights/workspaces",
    "module avm/ptn/azd/monitoring",
    "module avm/res/insights/component",
    "module avm/res/operational-insights/workspace",
)
AI_ACCOUNTS = ("microsoft.cognitiveservices/accounts", "azurerm_cognitive_account", "azurerm_ai_services",
                "module avm/res/cognitive-services/account", "module avm/ptn/ai-ml/ai-foundry")  # fmt: skip

_OF_RIGHTS = re.compile(
    r"role|polic|security[_-]?group|google_service_account$|managedidentity|managed-identity", re.IGNORECASE
)

_SIGNED = re.compile(
    r"^(?:aws_|aws::)(?:sagemaker|bedrock\w*|s3|dynamodb|secretsmanager|sqs|sns|kms|kinesis\w*|lambda|ecr|athena|glue|"
    r"opensearchserverless|sfn|stepfunctions|comprehend|rekognition|textract|transcribe)(?:_|::|$)|"
    r"^azurerm_(?:cognitive|ai_services|storage|key_vault|cosmosdb|search_service|machine_learning)|"
    r"^google_(?:vertex|storage|bigquery|secret_manager|pubsub|firestore)"
)


@lru_cache(2_000)  # there are few types, and each is asked for many times
def is_glue(type_: str) -> bool:
    """Whether resources of a type only configure others."""
    return bool(_GLUE.search(type_)) and not _NOT_GLUE.search(type_)


@lru_cache(2_000)
def gives_rights(type_: str) -> bool:
    """Whether rights of others hang on resources of a type."""
    return _OF_RIGHTS.search(type_) is not None


@lru_cache(2_000)
def is_signed(type_: str) -> bool:
    """Whether it is called through its provider's own interface, which takes signed requests over TLS alone."""
    return _SIGNED.search(type_.lower()) is not None


def is_network(type_: str) -> bool:
    """Whether resources of a type are networks of their own, in which others lie."""
    return type_.lower() in _VPC or _NETWORK.search(type_) is not None


def is_secret(type_: str) -> bool:
    """Whether resources of a type are secrets that a vault keeps."""
    return type_.lower() in _SECRETS
