"""The JSON schema of a Grafana dashboard, made from the types that Grafana's foundation SDK ships.

The SDK is generated from Grafana's own schemas. Its classes are read here, with types, enumerations
and required fields, and turned into JSON schema, so that a misspelt or mistyped field is found
wherever it stands: unknown fields are errors.
"""

import enum
import inspect
import json
import pathlib
import re
import sys
import types
import typing

import jsonschema
from grafana_foundation_sdk.cog import variants
from grafana_foundation_sdk.models import dashboard, heatmap, prometheus, stat, statetimeline, table
from grafana_foundation_sdk.models import text, timeseries

PANELS = {"heatmap": heatmap, "stat": stat, "state-timeline": statetimeline, "table": table,
          "text": text, "timeseries": timeseries}


def problems(content):
    """What is wrong in a dashboard, as "path: message" lines."""
    found = list(validate(dict(content, panels=[]), dashboard.Dashboard))
    for panel in [each for outer in content.get("panels", []) for each in (outer, *outer.get("panels", []))]:
        where = f"panel {panel.get('id')} {panel.get('title')!r}"
        if panel.get("type") == "row":
            found += validate(panel, dashboard.RowPanel, where)
            continue
        found += validate(panel, dashboard.Panel, where)
        if panel.get("type") not in PANELS:
            found.append(f"{where}: type {panel.get('type')!r} has no schema here")
            continue
        models = PANELS[panel["type"]]
        found += validate(panel.get("options", {}), models.Options, where + " options")
        custom = panel.get("fieldConfig", {}).get("defaults", {}).get("custom")
        if custom is not None:
            found += validate(custom, models.FieldConfig, where + " custom")
        for target in panel.get("targets", []):
            found += validate(target, prometheus.Dataquery, where + " target")
    return found


def validate(content, cls, where=""):
    definitions = {}
    schema = {"$ref": reference(cls, definitions), "$defs": definitions}
    for error in jsonschema.Draft202012Validator(schema).iter_errors(content):
        path = "/".join(map(str, error.absolute_path))
        yield f"{where}{'/' if where else ''}{path}: {error.message[:200]}"


def reference(cls, definitions):
    name = f"{cls.__module__.rpartition('.')[2]}.{cls.__qualname__}"
    if name not in definitions:
        definitions[name] = {}  # classes refer to each other in circles
        definitions[name] = schema_of_class(cls, definitions)
    return f"#/$defs/{name}"


def schema_of_class(cls, definitions):
    if issubclass(cls, enum.Enum):
        return {"enum": [member.value for member in cls]}
    hints, given = typing.get_type_hints(cls), inspect.signature(cls.__init__).parameters
    source = inspect.getsource(cls.to_json)
    required = dict(re.findall(r'"(\w+)": self\.(\w+)', source))
    optional = dict(re.findall(r'payload\["(\w+)"\] = self\.(\w+)', source))
    return {
        "type": "object",
        "properties": {key: schema_of(hints[field], definitions) for key, field in {**required, **optional}.items()},
        # What the SDK gives a default, Grafana does too.
        "required": [key for key, field in required.items()
                     if field not in given or given[field].default is inspect.Parameter.empty],
        "additionalProperties": False,
    }


def schema_of(hint, definitions):
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [schema_of(part, definitions) for part in parts]}
    if origin is list:
        return {"type": "array", "items": schema_of(parts[0], definitions)}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(parts[1], definitions)}
    if origin is typing.Literal:
        return {"enum": list(parts)}
    simple = {str: "string", bool: "boolean", int: "integer", float: "number", types.NoneType: "null"}
    if hint in simple:
        return {"type": simple[hint]}
    if hint in (object, typing.Any, variants.Dataquery):
        return {}
    return {"$ref": reference(hint, definitions)}


if __name__ == "__main__":
    found = [f"{path}: {problem}" for path in sys.argv[1:] for problem in problems(json.loads(pathlib.Path(path).read_text()))]
    sys.exit("\n".join(found) or None)
