"""Exports of flow tools: n8n, Langflow, Flowise and Dify, on one core."""
