"""Questions that a security architect asks, as queries that every Cypher engine answers alike.

They keep to what Neo4j and the embedded engine share. Every query names ``$system``, so that other
systems in the same database stay out of the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Parameter = str | int | float | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A question with the query that answers it.

    ``parameters`` holds the default of every parameter but ``$system``. An empty text stands for
    "any" where a parameter names an asset or a path.
    """

    id: str
    title: str
    shows: str
    cypher: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


def _query(id_: str, title: str, shows: str, cypher: str, **parameters: Parameter) -> SavedQuery:
    text = "\n".join(line.strip() for line in cypher.strip().splitlines())
    return SavedQuery(id_, title, shows, text, MappingProxyType(parameters))


SAVED: tuple[SavedQuery, ...] = (
    _query(
        "entry-points",
        "What can outsiders and users reach to begin with?",
        "The assets that actors of the given kinds hold a capability over before they attack.",
        """
        MATCH (actor:Actor {system: $system})-[:STARTS]->(fact:Fact)-[:OF]->(asset:Asset)
        WHERE actor.kind IN $kinds
        WITH actor, fact, asset ORDER BY actor.name
        RETURN asset.id AS asset, asset.type AS type, asset.zone AS zone, fact.capability AS capability,
               collect(DISTINCT actor.name) AS actors, asset.likelihood AS likelihood
        ORDER BY likelihood DESC, asset, capability
        """,
        kinds=("outsider", "user"),
    ),
    _query(
        "likely-compromised",
        "Which assets are most likely to fall, and to whom?",
        "Assets by residual likelihood per campaign, with their worst actor, and the likelihood with no control.",
        """
        MATCH (asset:Asset {system: $system})
        RETURN asset.id AS asset, asset.type AS type, asset.band AS band, asset.likelihood AS likelihood,
               asset.likelihood_inherent AS without_controls, asset.worst_actor AS worst_actor,
               asset.expected_loss AS expected_loss
        ORDER BY likelihood DESC, asset LIMIT $limit
        """,
        limit=20,
    ),
    _query(
        "open-crossings",
        "Which flows cross a zone boundary without authentication or encryption?",
        "Flows between zones where either is missing or nobody has said.",
        """
        MATCH (origin {system: $system})-[flow:FLOW]->(target)
        WHERE flow.crosses_boundary AND
              NOT (coalesce(flow.authenticated, false) AND coalesce(flow.encrypted, false))
        RETURN flow.id AS flow, origin.id AS origin, origin.zone AS from_zone, target.id AS target,
               target.zone AS to_zone, flow.authenticated AS authenticated, flow.encrypted AS encrypted,
               flow.carries AS carries
        ORDER BY flow, origin, target
        """,
    ),
    _query(
        "paths-to-loss",
        "By which paths does an attacker reach what would hurt us?",
        "Attack paths by chance, with the assets on the way and the loss at the end; an asset narrows it to its own.",
        """
        MATCH (actor:Actor)<-[:BY_ACTOR]-(path:Path {system: $system})-[:TO_FACT]->(fact:Fact)<-[:OF_FACT]-(loss:Loss)
        WHERE $asset = '' OR fact.asset = $asset
        RETURN path.id AS path, actor.name AS actor, fact.id AS target, path.chance AS chance,
               loss.severity AS severity, loss.amount AS amount, path.route AS route
        ORDER BY chance DESC, path LIMIT $limit
        """,
        asset="",
        limit=50,
    ),
    _query(
        "path-hops",
        "How does a path go, hop by hop, and what stands in its way?",
        "The steps of paths up to a rank, with technique ids and the implemented controls that cover each step.",
        """
        MATCH (path:Path {system: $system})-[link:USES_STEP]->(step:Step)-[:GAINS]->(fact:Fact)
        WHERE ($path = '' AND path.rank <= $rank) OR path.id = $path
        OPTIONAL MATCH (step)<-[:COVERS]-(control:Implementation {status: 'implemented'})
        WITH path, link, step, fact, control ORDER BY control.id
        RETURN path.id AS path, link.hop AS hop, step.name AS step, fact.id AS gains, step.chance AS chance,
               step.techniques AS techniques, collect(DISTINCT control.id) AS controls
        ORDER BY path, hop
        """,
        path="",
        rank=1,
    ),
    _query(
        "uncovered-steps",
        "Which steps on the attack paths meet no implemented control?",
        "Threat steps that paths use and nothing implemented covers, by how many paths use them.",
        """
        MATCH (path:Path {system: $system})-[:USES_STEP]->(step:Step)
        WHERE NOT step.propagation AND
              NOT EXISTS { MATCH (step)<-[:COVERS]-(control:Implementation) WHERE control.status = 'implemented' }
        RETURN step.id AS step, step.name AS name, step.chance AS chance, step.techniques AS techniques,
               count(DISTINCT path) AS paths, max(path.chance) AS best_path
        ORDER BY paths DESC, best_path DESC, step LIMIT $limit
        """,
        limit=50,
    ),
    _query(
        "threats-without-control",
        "Which threats to this system have no implemented control at all?",
        "Threats that apply somewhere and that no implemented control mitigates, with the number of their steps.",
        """
        MATCH (threat:Threat {system: $system})<-[:BY]-(step:Step)
        WHERE NOT step.propagation AND NOT EXISTS {
            MATCH (threat)<-[:MITIGATES]-(:Control)<-[:IMPLEMENTS]-(one:Implementation)
            WHERE one.status = 'implemented'
        }
        RETURN threat.id AS threat, threat.name AS name, threat.area AS area, threat.attack AS attack,
               count(DISTINCT step) AS steps, max(step.chance) AS chance
        ORDER BY steps DESC, threat
        """,
    ),
    _query(
        "control-coverage",
        "What does each control cover?",
        "Implementations with their status and evidence, the steps they cover, and how many paths must get past them.",
        """
        MATCH (one:Implementation {system: $system})
        OPTIONAL MATCH (one)-[:COVERS]->(step:Step)
        OPTIONAL MATCH (step)<-[:USES_STEP]-(path:Path)
        RETURN one.id AS control, one.name AS name, one.status AS status, one.strength AS strength,
               one.evidence AS evidence, count(DISTINCT step) AS steps, count(DISTINCT path) AS paths
        ORDER BY paths DESC, steps DESC, control
        """,
    ),
    _query(
        "idle-controls",
        "Which controls stand on no attack path?",
        "Preventing controls that cover no step of any listed path: misplaced, redundant, or against something rarer.",
        """
        MATCH (one:Implementation {system: $system})-[:IMPLEMENTS]->(control:Control {function: 'prevent'})
        WHERE NOT EXISTS { MATCH (one)-[:COVERS]->(:Step)<-[:USES_STEP]-(:Path) }
        OPTIONAL MATCH (one)-[:COVERS]->(step:Step)
        RETURN one.id AS control, control.name AS name, one.status AS status, one.owner AS owner,
               count(DISTINCT step) AS steps_elsewhere
        ORDER BY steps_elsewhere, control
        """,
    ),
    _query(
        "weak-evidence",
        "Which implemented controls do we only believe in?",
        "Implemented controls that nobody has tested or reviewed, by the number of steps that rely on them.",
        """
        MATCH (one:Implementation {system: $system, status: 'implemented'})
        WHERE one.evidence IN $evidence
        OPTIONAL MATCH (one)-[:COVERS]->(step:Step)
        RETURN one.id AS control, one.name AS name, one.evidence AS evidence, one.owner AS owner,
               count(DISTINCT step) AS steps
        ORDER BY steps DESC, control
        """,
        evidence=("declared", "none"),
    ),
    _query(
        "due-controls",
        "Which planned controls are due, and by whom?",
        "Planned and proposed controls with a due date up to the given one, earliest first; those without a date last.",
        """
        MATCH (one:Implementation {system: $system})
        WHERE one.status IN ['planned', 'proposed'] AND coalesce(one.due, '') <= $until
        OPTIONAL MATCH (one)-[:PROTECTS]->(element)
        WITH one, CASE WHEN coalesce(one.due, '') = '' THEN 1 ELSE 0 END AS undated,
             count(DISTINCT element) AS elements
        RETURN one.id AS control, one.name AS name, one.status AS status, one.due AS due, one.owner AS owner,
               elements AS protects
        ORDER BY undated, due, control
        """,
        until="9999-12-31",
    ),
    _query(
        "threats-by-area",
        "Which threats are there in each area of the lifecycle?",
        "Threats that apply to the system, by lifecycle area, with the number of their steps and the best chance.",
        """
        MATCH (step:Step {system: $system})-[:BY]->(threat:Threat)
        WHERE NOT step.propagation
        RETURN threat.area AS area, threat.id AS threat, threat.name AS name, count(DISTINCT step) AS steps,
               max(step.chance) AS chance
        ORDER BY area, steps DESC, threat
        """,
    ),
    _query(
        "techniques",
        "Which techniques have the most openings here?",
        "Techniques of the pinned vocabularies by the number of steps that use them, and of paths with such a step.",
        """
        MATCH (technique:Technique {system: $system})<-[:USES]-(:Threat)<-[:BY]-(step:Step)
        OPTIONAL MATCH (step)<-[:USES_STEP]-(path:Path)
        RETURN technique.id AS technique, technique.edition AS edition, technique.name AS name,
               count(DISTINCT step) AS steps, count(DISTINCT path) AS paths
        ORDER BY steps DESC, technique, edition LIMIT $limit
        """,
        limit=50,
    ),
    _query(
        "agent-tools",
        "Which tools can each agent use, and how likely is each to be turned against us?",
        "Agents with the tools that they invoke and the likelihoods that an attacker uses the tool in a session of "
        "their own, has it act for them in somebody else's, or runs it.",
        """
        MATCH (agent:Asset {system: $system})-[link:FLOW|INVOKES]->(tool:Asset)
        WHERE 'Agent' IN agent.types AND 'Tool' IN tool.types AND
              (type(link) = 'INVOKES' OR link.relation = 'invokes')
        OPTIONAL MATCH (tool)<-[:OF]-(steer:Fact {capability: 'steer'})
        OPTIONAL MATCH (tool)<-[:OF]-(hijack:Fact {capability: 'hijack'})
        OPTIONAL MATCH (tool)<-[:OF]-(run:Fact {capability: 'run'})
        RETURN DISTINCT agent.id AS agent, agent.likelihood AS agent_likelihood, tool.id AS tool,
               tool.type AS type, tool.zone AS zone, link.authenticated AS authenticated,
               steer.likelihood AS steered, hijack.likelihood AS hijacked, run.likelihood AS run
        ORDER BY agent, tool
        """,
    ),
    _query(
        "model-lineage",
        "What does each model come from?",
        "Everything upstream of a model: data, base models, pipelines and stores, with the number of hops.",
        """
        MATCH way = (model:Asset {system: $system})
              -[:TRAINED_ON|TRAINED_BY|FINE_TUNED_FROM|DERIVED_FROM|STORED_IN|BUILT_BY|DEPLOYED_FROM*1..6]->(source:Asset)
        WHERE 'Model' IN model.types AND ($asset = '' OR model.id = $asset)
        RETURN model.id AS model, source.id AS source, source.type AS type, source.owner AS owner,
               min(length(way)) AS hops, source.likelihood AS likelihood
        ORDER BY model, hops, source
        """,
        asset="",
    ),
    _query(
        "secrets-within-reach",
        "Which secrets are within reach of an agent that has been turned against us?",
        "Secrets that can be read within three steps of steering an agent in a session of one's own, or of running it. "
        "Steps may need more than this.",
        """
        MATCH (agent:Asset {system: $system})<-[:OF]-(held:Fact)
        WHERE 'Agent' IN agent.types AND held.capability IN ['steer', 'run']
        MATCH (held) (()<-[:NEEDS]-()-[:GAINS]->()){1,3} (read:Fact {capability: 'read'})
        MATCH (read)-[:OF]->(secret:Asset)
        WHERE 'Secret' IN secret.types
        OPTIONAL MATCH (secret)-[:UNLOCKS]->(target:Asset)
        RETURN DISTINCT agent.id AS agent, held.capability AS held, secret.id AS secret, target.id AS unlocks,
               read.likelihood AS likelihood
        ORDER BY agent, held, secret, unlocks
        """,
    ),
    _query(
        "exposed-data",
        "Which data does a compromised asset expose?",
        "Data that can be read within three steps of steering, hijacking or running the asset; without one, of any "
        "agent, tool or application. Steps may need more than this.",
        """
        MATCH (asset:Asset {system: $system})<-[:OF]-(held:Fact)
        WHERE held.capability IN ['steer', 'hijack', 'run'] AND (asset.id = $asset OR
              ($asset = '' AND any(kind IN asset.types WHERE kind IN ['Agent', 'Tool', 'Application'])))
        MATCH (held) (()<-[:NEEDS]-()-[:GAINS]->()){1,3} (read:Fact {capability: 'read'})
        MATCH (read)-[:OF]->(data:Asset)
        WHERE 'DataAsset' IN data.types
        RETURN DISTINCT asset.id AS asset, held.capability AS held, data.id AS data, data.type AS type,
               data.tags AS tags, read.likelihood AS likelihood
        ORDER BY asset, held, data
        """,
        asset="",
    ),
    _query(
        "blast-radius",
        "How far does the fall of one asset spread?",
        "Facts within up to three steps of steering, hijacking or running the given asset, and the losses that hang on "
        "them; without an asset, of the five most likely to fall. Steps may need more than this.",
        """
        MATCH (asset:Asset {system: $system})
        WHERE $asset = '' OR asset.id = $asset
        WITH asset ORDER BY asset.likelihood DESC, asset.id LIMIT 5
        MATCH (asset)<-[:OF]-(held:Fact) WHERE held.capability IN ['steer', 'hijack', 'run']
        MATCH (held) (()<-[:NEEDS]-()-[:GAINS]->()){1,3} (fact:Fact)
        WITH DISTINCT asset, fact
        OPTIONAL MATCH (fact)<-[:OF_FACT]-(loss:Loss)
        RETURN asset.id AS asset, count(DISTINCT fact) AS facts, count(DISTINCT fact.asset) AS assets,
               sum(loss.amount) AS losses
        ORDER BY losses DESC, facts DESC, asset
        """,
        asset="",
    ),
    _query(
        "biggest-losses",
        "Which losses weigh most?",
        "Losses with their likelihood and the product of the two, with no control, now, and with what is planned.",
        """
        MATCH (loss:Loss {system: $system})-[:OF_FACT]->(fact:Fact)
        RETURN fact.id AS fact, loss.severity AS severity, loss.impact AS impact, loss.amount AS amount,
               fact.likelihood AS likelihood, loss.amount * fact.likelihood_inherent AS without_controls,
               loss.amount * fact.likelihood AS now, loss.amount * fact.likelihood_target AS planned
        ORDER BY now DESC, amount DESC, fact LIMIT $limit
        """,
        limit=20,
    ),
    _query(
        "choke-facts",
        "Where do the attack paths meet?",
        "Facts that most paths go through before their target: the places where one measure works against many.",
        """
        MATCH (path:Path {system: $system})-[:USES_STEP]->(:Step)-[:GAINS]->(fact:Fact)
        WHERE fact.id <> path.target
        RETURN fact.id AS fact, count(DISTINCT path) AS paths, count(DISTINCT path.target) AS targets,
               fact.likelihood AS likelihood
        ORDER BY paths DESC, likelihood DESC, fact LIMIT $limit
        """,
        limit=20,
    ),
    _query(
        "owners",
        "Who answers for the assets that are likely to fall?",
        "Owners by the number of their assets at or above a likelihood; an empty owner is a gap of its own.",
        """
        MATCH (asset:Asset {system: $system})
        WHERE asset.likelihood >= $likelihood
        RETURN coalesce(asset.owner, '') AS owner, count(*) AS assets, max(asset.likelihood) AS worst,
               sum(asset.expected_loss) AS expected_loss
        ORDER BY assets DESC, owner
        """,
        likelihood=0.1,
    ),
)

SAVED_BY_ID: Mapping[str, SavedQuery] = MappingProxyType({query.id: query for query in SAVED})
