"""Agents that are declared in files: Microsoft 365 and Foundry, A2A cards, AutoGen, CrewAI, LangGraph, agent-bom."""
