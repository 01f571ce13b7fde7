"""Which resources of a cloud anybody can come to, by their own settings or by those of what configures them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

MOST, MOST_LEVELS = 2_000, 8  # values of one level of a resource that are looked at, and levels
_BALANCERS = frozenset({"aws_lb", "aws_alb", "aws_elb"})
_APIS = frozenset(
    {"aws_api_gateway_rest_api", "aws_apigatewayv2_api", "aws::apigateway::restapi", "aws::apigatewayv2::api",
     "aws::serverless::api", "aws::serverless::httpapi"}
)  # fmt: skip
_SITES = re.compile(
    r"^azurerm_(?:linux|windows)_web_app$|^azurerm_app_service$|^azurerm_(?:linux|windows)_function_app$|"
    r"^microsoft\.web/sites$|^azurerm_static_web_app$|^microsoft\.web/staticsites$|^aws_amplify_app$|^aws::amplify::app$|"
    r"^module avm/res/web/(?:site|static-site)$|^azurerm_(?:frontdoor|cdn_frontdoor_profile)$|^microsoft\.cdn/profiles$"
)
_APP_SERVICE = re.compile(r"_(?:web|function)_app$|^azurerm_app_service$|web/sites?$")
_PRIVATE = re.compile(r"private_?endpoints?$|network/private-endpoint$")
_ANYBODY = frozenset({"allusers", "allauthenticatedusers"})


class _Resource(Protocol):
    @property
    def type(self) -> str: ...
    @property
    def values(self) -> Mapping[str, Any]: ...


def exposure(one: _Resource, others: Sequence[_Resource], named: Sequence[_Resource]) -> tuple[bool, str]:
    """Whether anybody can come to a resource, and what says so; ``others`` name it, ``named`` are named by it."""
    values, type_ = one.values, one.type.lower()
    if type_ in _BALANCERS:
        return values.get("internal") is False, ""
    if type_ == "aws::elasticloadbalancingv2::loadbalancer":
        return values.get("Scheme", "internet-facing") == "internet-facing", ""
    if "cloudfront" in type_ and "distribution" in type_:
        return True, ""
    if type_ in _APIS:
        said = str(values.get("endpoint_configuration", values.get("EndpointConfiguration", "")))
        return "PRIVATE" not in said, ""
    if type_ in ("google_compute_global_forwarding_rule", "google_compute_forwarding_rule"):
        return str(values.get("load_balancing_scheme", "EXTERNAL")).startswith("EXTERNAL"), ""
    if truth(values, "publicly_accessible", "PubliclyAccessible"):
        return True, ""
    if _SITES.search(type_):
        said = deep(values, "public_network_access_enabled", "publicNetworkAccess")
        if said is None and _APP_SERVICE.search(type_) and any(_PRIVATE.search(each.type.lower()) for each in others):
            return False, ""  # App Service then answers others with 403: github.com/Azure/azure-policy/issues/1194
        closed = str(said).lower() in ("false", "disabled")
        return not closed, "its address is public unless its settings close it"
    if type_ in ("azurerm_container_app", "microsoft.app/containerapps", "module avm/res/app/container-app"):
        return str(deep(values, "external_enabled", "external", "ingressExternal")).lower() == "true", ""
    if truth(values, "public_network_access_enabled"):
        return True, ""
    return _by_others(type_, others, named)


def _by_others(type_: str, others: Iterable[_Resource], named: Iterable[_Resource]) -> tuple[bool, str]:
    for other in others:
        said = other.type.lower()
        if said in ("aws_lambda_function_url", "aws::lambda::url"):
            if str(other.values.get("authorization_type", other.values.get("AuthType"))).upper() == "NONE":
                return True, "its address asks nobody to sign in"
        elif said.endswith(("_iam_member", "_iam_binding")) and ("run" in said or "function" in said):
            members = [other.values.get("member"), *_listed(other.values.get("members"))]
            if any(isinstance(each, str) and each.lower() in _ANYBODY for each in members):
                return True, "everybody may call it"
    if type_ in ("aws_instance", "aws::ec2::instance"):
        groups = [each for each in named if "security" in each.type.lower() and "group" in each.type.lower()]
        if any("0.0.0.0/0" in str(deep(each.values, "ingress", "SecurityGroupIngress")) for each in groups):
            return True, "its security group lets everybody in"
    return False, ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def deep(value: Any, *keys: str) -> Any:
    """The first value that one of these keys has, however deep inside; None where none has one."""
    front: list[Any] = [value]
    for _ in range(MOST_LEVELS):
        following: list[Any] = []
        for one in front[:MOST]:
            if isinstance(one, Mapping):
                found = next((one[key] for key in keys if one.get(key) is not None), None)
                if found is not None:
                    return found
                following += [each for each in one.values() if isinstance(each, Mapping | list)]
            else:
                following += [each for each in one if isinstance(each, Mapping | list)]
        front = following
    return None


def truth(values: Mapping[str, Any], *keys: str) -> bool:
    """Whether one of these settings is on."""
    return any(str(values.get(key)).lower() == "true" for key in keys)
