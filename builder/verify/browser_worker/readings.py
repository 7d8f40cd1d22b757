"""How the source of a check is read: briefs bring expressions, functions and function bodies."""

import re

ORIGIN_OF_CHECKS = "briefship-check"
"""The name under which a check's own script stands in stacks (`sourceURL`)."""

_FUNCTION = re.compile(r"[\s(]*(?:async\b\s*)?(?:function\b|\([^()]*\)\s*=>|[\w$]+\s*=>)")


def readings(source: str) -> list[str]:
    """Return the scripts that a check may mean, the likeliest first; the first that parses counts.

    As it stands it is an expression or statements, as in the console, where `await` may be used. A
    function is called, for by itself it would always hold. What can only be the body of a function
    (it returns) is run as one.
    """
    scripts = [source, f"(async () => {{\n{source}\n}})()"]
    if _FUNCTION.match(source):
        value = source.rstrip().rstrip(";")
        scripts.insert(0, f"(value => typeof value === 'function' ? value() : value)({value}\n)")
    return [f"{script}\n//# sourceURL={ORIGIN_OF_CHECKS}" for script in scripts]
