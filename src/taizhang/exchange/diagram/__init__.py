"""Route diagrams: the AND/OR graph of a pack or of one estate's plan, as SVG."""

from taizhang.exchange.diagram.svg import route_diagram

__all__ = ["route_diagram"]
