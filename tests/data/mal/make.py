"""Writes small.yaml and small.json: mal-toolbox 2.11.0 reads small.mal and saves the attack graph of four hosts.

    pip install mal-toolbox==2.11.0 && python tests/data/mal/make.py

The graph is loaded again by mal-toolbox before it is kept. Only this script needs mal-toolbox, the tests do not.
"""

from pathlib import Path

from maltoolbox.attackgraph import AttackGraph
from maltoolbox.language import LanguageGraph
from maltoolbox.model import Model

HERE = Path(__file__).parent


def main() -> None:
    language = LanguageGraph.from_mal_spec(str(HERE / "small.mal"))
    model = Model("small", language)
    web, work, files, vault = (model.add_asset("Host", name) for name in ("web", "work", "files", "vault"))
    vault.defenses = {"hardened": 1.0}
    files.defenses = {"hardened": 0.25}
    data = model.add_asset("Store", "data")
    backup = model.add_asset("Backup", "tape")
    for one, other in ((web, work), (work, files), (files, web), (files, vault)):
        one.add_associated_assets("peers", {other})
    files.add_associated_assets("stores", {data})
    files.add_associated_assets("backups", {backup})
    graph = AttackGraph(language, model)
    for name in ("small.yaml", "small.json"):
        graph.save_to_file(str(HERE / name))
        AttackGraph.load_from_file(str(HERE / name), language)


if __name__ == "__main__":
    main()
