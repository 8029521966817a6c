"""What PIE, PHP's installer for extensions, asks of composer.json.

Facts of PIE's manual for extension maintainers and of the published schema of composer.json.
"""

import re

PACKAGE_NAME = re.compile(r"[a-z0-9]([_.-]?[a-z0-9]+)*/[a-z0-9](([_.]|-{1,2})?[a-z0-9]+)*")
EXTENSION_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]+")
OPTION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
OS_FAMILIES = {"windows", "bsd", "darwin", "solaris", "linux", "unknown"}
DOWNLOAD_METHODS = {"composer-default", "pre-packaged-source", "pre-packaged-binary"}


def _is_family_list(value):
    return isinstance(value, list) and bool(value) and set(map(str, value)) <= OS_FAMILIES


def _is_download_method(value):
    methods = value if isinstance(value, list) else [value]
    return bool(methods) and set(map(str, methods)) <= DOWNLOAD_METHODS


# Keys of the section php-ext, and whether a value is one.
KEYS = {
    "extension-name": lambda value: bool(EXTENSION_NAME.fullmatch(str(value))),
    "priority": lambda value: type(value) is int and 10 <= value <= 99,
    "support-zts": lambda value: isinstance(value, bool),
    "support-nts": lambda value: isinstance(value, bool),
    "build-path": lambda value: value is None or isinstance(value, str),
    "download-url-method": _is_download_method,
    "os-families": _is_family_list,
    "os-families-exclude": _is_family_list,
    "configure-options": lambda value: isinstance(value, list),
}
OPTION_KEYS = {
    "name": lambda value: bool(OPTION_NAME.fullmatch(str(value))),
    "needs-value": lambda value: isinstance(value, bool),
    "description": lambda value: isinstance(value, str),
}


def _wrong(section, keys, where):
    for key, value in section.items():
        if key not in keys:
            yield f"{where} has no key {key}"
        elif not keys[key](value):
            yield f"{where}: {key} must not be {value!r}"


def configure_options(config_m4):
    """{name: whether it takes a value} of the options that config.m4 declares."""
    declared = re.findall(r"PHP_ARG_(WITH|ENABLE)\(\[([\w-]+)\]", config_m4)
    return {f"{kind.lower()}-{name}": kind == "WITH" for kind, name in declared}


def breaches(composer, config_m4):
    """A sentence for each rule that composer.json, read, breaks."""
    found = []
    if not PACKAGE_NAME.fullmatch(str(composer.get("name"))):
        found.append(f"name: {composer.get('name')!r} is no name of a package")
    if composer.get("type") != "php-ext":
        found.append("type must be php-ext")
    for key in ("description", "license"):
        if not isinstance(composer.get(key), str):
            found.append(f"{key} is missing")
    if "version" in composer:
        found.append("version: PIE takes it from the tag")
    for name in composer.get("require", {}):
        if name != "php" and not name.startswith("ext-"):
            found.append(f"require: {name} is neither php nor an extension")
    if "php" not in composer.get("require", {}):
        found.append("require: which PHP?")

    section = composer.get("php-ext", {})
    found += _wrong(section, KEYS, "php-ext")
    if "os-families" in section and "os-families-exclude" in section:
        found.append("php-ext: os-families and os-families-exclude exclude each other")
    if section.get("support-zts") is False and section.get("support-nts") is False:
        found.append("php-ext: it can be installed nowhere")
    declared = configure_options(config_m4)
    for option in section.get("configure-options", []):
        found += _wrong(option, OPTION_KEYS, "configure-options")
        name = option.get("name")
        if name not in declared:
            found.append(f"configure-options: config.m4 does not declare {name}")
        elif declared[name] != option.get("needs-value", False):
            found.append(f"configure-options: needs-value of {name} does not agree with config.m4")
    return found
