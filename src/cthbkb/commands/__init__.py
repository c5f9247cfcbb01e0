"""One module a command: read the request, make one call, write once. None knows Typer; `catalog` names them."""
