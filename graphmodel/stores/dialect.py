"""The part of Cypher that ad hoc queries may use: what only reads the graph, and nothing else.

What is not listed here is refused, so that a new command of an engine is refused as well until
somebody has looked at it. All words are in lower case.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STARTS = _words("match optional with unwind return call let filter finish when")
"""Words that a query begins with."""

ENDINGS = _words("null true false end asc ascending desc descending normalized nan inf infinity")
"""Words that end an expression as a name would, so that only a word of ``KEYWORDS`` can follow."""

KEYWORDS = (
    STARTS
    | ENDINGS
    | _words("where order by skip offset limit as distinct yield all any")
    | _words("and or xor not in is contains starts ends case then else")
    | _words("shortest path paths group groups trail walk acyclic repeatable different element elements bindings")
    | _words("using index seek scan join on text range point")
    | _words("typed zoned local time timestamp without zone signed property nfc nfd nfkc nfkd")
    | _words("both leading trailing from")
)
"""Words that join the parts of a query that reads. None of them does anything else in any place."""

FUNCTIONS = (
    _words("exists count collect avg max min sum stdev stdevp percentilecont percentiledisc percentile_cont")
    | _words("percentile_disc stdev_samp stdev_pop all any none single reduce allreduce coalesce nullif")
    | _words("shortestpath allshortestpaths nodes relationships length path_length startnode endnode id elementid type")
    | _words("labels keys properties size cardinality head last tail range reverse isempty valuetype randomuuid")
    | _words("toboolean tobooleanornull tobooleanlist tofloat tofloatornull tofloatlist tointeger tointegerornull")
    | _words("tointegerlist tostring tostringornull tostringlist timestamp date datetime localdatetime localtime time")
    | _words("duration zoned_datetime local_datetime local_time zoned_time duration_between point vector elements")
    | _words("abs ceil ceiling floor isnan rand round sign e exp log log10 ln sqrt power mod acos asin atan atan2 cos")
    | _words("cosh cot coth degrees haversin pi radians sin sinh tan tanh char_length character_length btrim ltrim")
    | _words("rtrim trim left right lower upper tolower toupper normalize replace split substring format")
    | _words("vector_distance vector_norm vector_dimension_count")
)
"""Functions of the engines themselves. Neo4j lets nobody add one without a namespace."""

NAMESPACES = _words("date datetime localdatetime localtime time duration point vector")
"""First parts of the names of functions that only compute."""

APOC = _words("text coll map math number convert date temporal agg")
"""Second parts of the names of APOC's functions that only compute; the embedded engine has some of them."""

PROCEDURES = _words("db.labels db.relationshiptypes db.propertykeys db.schema.visualization dbms.components")
"""Procedures that only describe the data."""

ALGORITHMS = "algo."
"""Prefix of the embedded engine's graph algorithms, which only read."""

SHOWN = _words("index indexes constraint constraints")
"""What SHOW may show."""

SHOWN_KINDS = _words("all range text point lookup fulltext vector node relationship rel property") | _words(
    "unique uniqueness key exist existence type"
)
"""What may stand between SHOW and that."""

WRITES = _words("create merge set delete detach nodetach remove foreach insert drop alter rename grant deny revoke")
"""Words of commands that change something; only so that the refusal says why."""
