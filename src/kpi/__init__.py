"""Works out, exactly as written, whether case-handling agencies keep their processing-time targets.

    import kpi

    plan = kpi.load_plan("plan.toml")
    result = kpi.evaluate(plan, "extract/")
    print(result.frame)

The counting rules S1 to S29 that docstrings cite stand in docs/explanation/counting-rules/.
"""

import lazy_loader

from . import fork_guard as _fork_guard  # noqa: F401 - it must see each fork from now on

__version__ = "0.1.0"

# The names stand in __init__.pyi. Each module is imported at the first use of a name, because
# definitions need no engine and a plan file needs no reader of tables.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
