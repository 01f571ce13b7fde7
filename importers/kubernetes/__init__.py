"""Kubernetes manifests: workloads, what serves models, gateways, policies between pods, and rights."""

from importers.kubernetes.importer import IMPORTER

__all__ = ["IMPORTER"]
