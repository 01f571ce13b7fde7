"""Inventories that scanners made: agents and their servers, AI bills of materials, graphs of identities."""
