"""sqlc's JSON as the generator sees it: enums, tables and queries with C++ types."""

import re
from dataclasses import dataclass, field


class QueryError(Exception):
    """What is wrong with a query or the schema, for the person who wrote it."""


# PostgreSQL's names (as sqlc spells them) -> (C++ type, SQL name, object id of the type).
SCALARS = {
    "bool": ("bool", "boolean", 16), "boolean": ("bool", "boolean", 16),
    "int2": ("std::int16_t", "smallint", 21), "smallint": ("std::int16_t", "smallint", 21),
    "int4": ("std::int32_t", "integer", 23), "integer": ("std::int32_t", "integer", 23),
    "int": ("std::int32_t", "integer", 23),
    "int8": ("std::int64_t", "bigint", 20), "bigint": ("std::int64_t", "bigint", 20),
    "float8": ("double", "double precision", 701), "double precision": ("double", "double precision", 701),
    "text": ("std::string", "text", 0), "varchar": ("std::string", "text", 0),
    "uuid": ("Uuid", "uuid", 2950),
    "timestamptz": ("base::Time", "timestamptz", 1184),
    "bytea": ("std::string", "bytea", 17),
    "jsonb": ("std::string", "jsonb", 3802),
}

# Columns that hold secrets: their C++ type prints as ***.
SECRETS = {
    ("git_ssh_keys", "private_key"), ("user_passwords", "hashed_password"),
    ("user_links", "oauth_access_token"), ("user_links", "oauth_refresh_token"), ("user_secrets", "value"),
}

# A view that adds names to a table is what callers mostly see, so it gets the plain name.
STRUCT_NAMES = {
    "tasks": "TaskTable", "tasks_expanded": "Task",
    "workspaces": "WorkspaceTable", "workspaces_expanded": "Workspace",
    "templates": "TemplateTable", "templates_with_names": "Template",
    "template_versions": "TemplateVersionTable", "template_versions_with_user": "TemplateVersion",
    "workspace_builds": "WorkspaceBuildTable", "workspace_builds_with_user": "WorkspaceBuild",
    "workspace_latest_builds": "WorkspaceLatestBuild",
    "provisioner_jobs": "ProvisionerJobTable", "provisioner_jobs_expanded": "ProvisionerJob",
    "group_members_expanded": "GroupMemberExpanded",
    "replicas": "Replica", "workspace_app_statuses": "WorkspaceAppStatus",
    "template_version_terraform_values": "TemplateVersionTerraformValues",
    "user_secret_summaries": "UserSecretSummary",
}
ACRONYMS = {"api": "API", "ssh": "SSH", "id": "ID", "acl": "ACL", "ttl": "TTL", "ai": "AI"}

KEYWORDS = {
    "and", "auto", "bool", "break", "case", "char", "class", "const", "default", "delete", "do", "double", "enum",
    "explicit", "export", "extern", "false", "float", "for", "friend", "int", "long", "mutable", "namespace", "new", "not",
    "operator", "or", "private", "protected", "public", "register", "return", "short", "signed", "static", "struct",
    "switch", "template", "this", "true", "typedef", "union", "unsigned", "using", "virtual", "void", "volatile", "while",
}


def camel(name: str) -> str:
    return "".join(ACRONYMS.get(part, part.capitalize()) for part in name.split("_"))


def snake(name: str) -> str:
    name = re.sub(r"([A-Z])s(?=[A-Z]|$)", lambda m: m[1].lower() + "s", name.replace("IDs", "Ids"))
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def identifier(name: str) -> str:
    name = re.sub(r"\W", "_", name)
    if name in KEYWORDS or not name or name[0].isdigit():
        return name + "_"
    return name


def struct_name(table: str) -> str:
    if table in STRUCT_NAMES:
        return STRUCT_NAMES[table]
    singular = table
    if table.endswith("ies"):
        singular = table[:-3] + "y"
    elif table.endswith("s") and not table.endswith("ss"):
        singular = table[:-1]
    return camel(singular)


@dataclass
class Enum:
    sql_name: str
    values: list

    @property
    def cpp_name(self) -> str:
        return camel(self.sql_name)


@dataclass
class Field:
    """A column, a parameter, or an embedded row."""
    name: str
    cpp_type: str
    sql_type: str = ""  # as regtype prints it; empty for an embedded row
    oid: int = 0
    json: bool = False
    embed: object = None  # the Struct

    @property
    def shape(self):
        return (self.name, self.cpp_type, self.sql_type)


@dataclass
class Struct:
    name: str
    fields: list
    sql_name: str = ""
    comment: str = ""


@dataclass
class Query:
    name: str
    text: str
    command: str  # one, many, exec, execrows
    file: str  # without .sql
    comments: list
    policy_lines: list
    parameters: list
    columns: list  # flat: embedded rows expanded
    row: object = None  # Struct, or Field for a single value
    own_row: bool = False
    policy: object = None

    @property
    def cpp_name(self) -> str:
        return snake(self.name)


@dataclass
class Model:
    enums: list
    structs: list
    queries: list
    enum_names: dict = field(default_factory=dict)


def load(data: dict) -> Model:
    import policy

    public = next(schema for schema in data["catalog"]["schemas"] if schema["name"] == "public")
    enums = [Enum(item["name"], item["vals"]) for item in public["enums"]]
    model = Model(enums, [], [], {item.sql_name: item for item in enums})
    tables = {}
    for table in public["tables"]:
        name = table["rel"]["name"]
        fields = [_field(model, column, name) for column in table["columns"]]
        tables[name] = Struct(struct_name(name), fields, name)
    model.structs = list(tables.values())
    for item in sorted(data["queries"], key=lambda item: item["filename"]):
        query = _query(model, tables, item)
        query.policy = policy.parse(query.name, query.policy_lines)
        model.queries.append(query)
    names = [query.name for query in model.queries]
    for name in names:
        if names.count(name) > 1:
            raise QueryError(f"{name}: two queries of this name")
    for query in model.queries:
        _check_policy(model, query)
    return model


def _field(model: Model, column: dict, table: str = "") -> Field:
    name = column["name"]
    type_name = column["type"]["name"].removeprefix("pg_catalog.")
    table = table or (column.get("table") or {}).get("name", "")
    json = False
    oid = 0
    if type_name in model.enum_names:
        cpp_type = model.enum_names[type_name].cpp_name
        sql_type = type_name
    elif type_name in SCALARS:
        cpp_type, sql_type, oid = SCALARS[type_name]
        json = type_name == "jsonb"
    else:
        raise QueryError(f"{table or 'column'} {name}: no C++ type for SQL type {type_name!r}; add a cast or a mapping")
    if (table, column.get("original_name") or name) in SECRETS:
        cpp_type = "SecretString"
    if column["is_array"]:
        if json:
            raise QueryError(f"{name}: arrays of jsonb are not supported")
        cpp_type, sql_type, oid = f"std::vector<{cpp_type}>", sql_type + "[]", 0
    if not column["not_null"]:
        cpp_type = f"std::optional<{cpp_type}>"
    return Field(identifier(name), cpp_type, sql_type, oid, json)


def _query(model: Model, tables: dict, item: dict) -> Query:
    name = item["name"]
    command = item["cmd"].removeprefix(":")
    if command not in ("one", "many", "exec", "execrows"):
        raise QueryError(f"{name}: a query is :one, :many, :exec or :execrows")
    comments, policy_lines = [], []
    for line in (line.strip() for line in item["comments"] or []):
        if line.startswith("authorize:"):
            policy_lines.append(line.removeprefix("authorize:").strip())
        else:
            comments.append(line)
    try:
        parameters = []
        for parameter in sorted(item["params"], key=lambda parameter: parameter["number"]):
            column = dict(parameter["column"])
            column["name"] = column["name"] or f"argument{parameter['number']}"
            parameters.append(_field(model, column))
        fields = []
        for column in item["columns"]:
            if column.get("embed_table"):
                embedded = tables[column["embed_table"]["name"]]
                fields.append(Field(snake(embedded.name), embedded.name, embed=embedded))
            else:
                fields.append(_field(model, column))
    except QueryError as error:
        raise QueryError(f"{name}: {error}") from None
    for label, names in (("parameters", parameters), ("columns", fields)):
        seen = [each.name for each in names]
        if len(set(seen)) != len(seen):
            raise QueryError(f"{name}: two {label} of one name; give them names of their own")
    query = Query(name, item["text"], command, item["filename"].removesuffix(".sql"), comments, policy_lines, parameters,
                  [inner for each in fields for inner in (each.embed.fields if each.embed else [each])])
    if command in ("one", "many"):
        if not fields:
            raise QueryError(f"{name}: :{command} without a result")
        _choose_row(model, query, fields)
    return query


def _choose_row(model: Model, query: Query, fields: list) -> None:
    if len(fields) == 1:
        query.row = fields[0].embed or fields[0]
        if not fields[0].embed and fields[0].json:
            raise QueryError(f"{query.name}: a lone jsonb column; cast it to text")
        return
    shape = [each.shape for each in fields]
    for struct in model.structs:
        if [each.shape for each in struct.fields] == shape:
            query.row = struct
            return
    query.row = Struct(query.name + "Row", fields, comment=f"A row of {query.name}.")
    query.own_row = True


def _check_policy(model: Model, query: Query) -> None:
    policy = query.policy
    parameters = [each.name for each in query.parameters]
    marker = query.text.count("/* authorize_filter */")
    if policy.kind == "filter":
        if marker != 1:
            raise QueryError(f"{query.name}: a filter needs one /* authorize_filter */ after its WHERE conditions")
        _check_conjunction(query)
    elif marker:
        raise QueryError(f"{query.name}: /* authorize_filter */ without `authorize: filter`")
    if policy.kind == "row":
        if query.command != "one":
            raise QueryError(f"{query.name}: rows of :{query.command} are not checked one by one; use filter or via")
        if not re.match(r"\s*(SELECT|WITH)\b", query.text) or re.search(r"\b(INSERT|UPDATE \w|DELETE FROM)\b", query.text):
            raise QueryError(f"{query.name}: a statement that changes rows is checked before it runs; use via")
        columns = [each.name for each in query.columns]
        for key, column in policy.properties.items():
            if column not in columns:
                raise QueryError(f"{query.name}: {key}={column} is no column of the result")
            if columns.count(column) > 1:
                raise QueryError(f"{query.name}: {key}={column} is ambiguous among the columns of the result")
    if policy.kind == "arguments":
        for key, parameter in policy.properties.items():
            if parameter not in parameters:
                raise QueryError(f"{query.name}: {key}=@{parameter} is no parameter")
    if policy.kind == "via":
        target = next((each for each in model.queries if each.name == policy.via), None)
        if not target or target.command != "one" or target.policy.kind != "row":
            raise QueryError(f"{query.name}: {policy.via} is no :one query checked by its row")
        if target.policy.resource != policy.resource:
            raise QueryError(f"{query.name}: {policy.via} finds a {target.policy.resource}, not a {policy.resource}")
        if len(target.parameters) != len(policy.via_arguments):
            raise QueryError(f"{query.name}: {policy.via} takes {len(target.parameters)} arguments")
        for place, argument in enumerate(policy.via_arguments):
            if argument not in parameters:
                raise QueryError(f"{query.name}: @{argument} is no parameter")
            given = query.parameters[parameters.index(argument)]
            if given.sql_type != target.parameters[place].sql_type:
                raise QueryError(f"{query.name}: @{argument} has not the type that {policy.via} takes")


def _check_conjunction(query: Query) -> None:
    """The filter is added by AND, so no OR may stand beside it on its level of parentheses."""
    text = query.text[:query.text.index("/* authorize_filter */")]
    depth = 0
    for token in reversed(re.findall(r"[()]|\bWHERE\b|\bOR\b", text)):
        if token == ")":
            depth += 1
        elif token == "(":
            depth -= 1
        elif depth == 0 and token == "OR":
            raise QueryError(f"{query.name}: put parentheses around the OR before /* authorize_filter */")
        elif depth == 0:
            return
    raise QueryError(f"{query.name}: no WHERE before /* authorize_filter */")
