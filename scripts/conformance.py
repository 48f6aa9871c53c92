"""Has QGIS, without a screen, load features and vector tiles from a running server, and compares each with what the
API says. Run by scripts/conformance.sh.

    /usr/bin/python3 scripts/conformance.py http://127.0.0.1:8080
"""

import datetime
import gzip
import json
import os
import sys
import tempfile
import time
import urllib.request

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (  # noqa: E402  (Qt reads the environment when it is loaded)
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeatureRequest,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsMarkerSymbol,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileBasicRenderer,
    QgsVectorTileBasicRendererStyle,
    QgsVectorTileLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QSize  # noqa: E402
from qgis.PyQt.QtGui import QColor  # noqa: E402

BASE = sys.argv[1].rstrip("/")
NEAR = 1e-9  # degrees; coordinates come with seven digits
checked = 0
failed = 0


def check(truth, what):
    """Counts, and says what is not as it should be."""
    global checked, failed
    checked += 1
    if not truth:
        failed += 1
        if failed <= 40:
            print(f"  FAIL  {what}")


def ask(path):
    request = urllib.request.Request(path if path.startswith("http") else BASE + path, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = answer.read()
        return gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body


def features(collection, query=""):
    """All features of a collection, as the API gives them, page by page."""
    found, page = {}, f"/api/collections/{collection}/items?limit=5000{query}"
    while page:
        answer = json.loads(ask(page))
        found.update((feature["id"], feature) for feature in answer["features"])
        page = next((link["href"] for link in answer["links"] if link["rel"] == "next"), None)
    return found


def layer_of(collection, more="", base="/api/"):
    """The layer that QGIS makes of a collection, as its dialog does."""
    return QgsVectorLayer(f"url='{BASE}{base}' typename='{collection}' pagingEnabled='true' pageSize='2000'{more}", collection, "OAPIF")


def plain(value):
    """A value of QGIS as JSON has it. Null is a QVariant of its own there."""
    if hasattr(value, "isNull") and value.isNull():
        return None
    if hasattr(value, "toPyDateTime"):
        at = value.toPyDateTime().replace(tzinfo=datetime.timezone.utc)
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


# A list of objects, which the cache of QGIS 3.22 does not keep.
UNREAD = {"services"}


def same_value(ours, theirs):
    if isinstance(ours, str) and ours.endswith("Z") and isinstance(theirs, str):
        return ours[:19] == theirs[:19]
    if ours in ("", None) and theirs in ("", None):
        return True
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(same_value(a, b) for a, b in zip(ours, theirs))
    if isinstance(ours, float) and isinstance(theirs, (int, float)):
        return abs(ours - theirs) <= NEAR
    return ours == theirs


def positions(coordinates):
    """The positions of a GeoJSON geometry, in order."""
    if coordinates and isinstance(coordinates[0], (int, float)):
        return [tuple(coordinates)]
    return [position for part in coordinates for position in positions(part)]


def same_shape(ours, theirs):
    if ours is None or theirs.isNull():
        return ours is None and theirs.isNull()
    got = [(vertex.x(), vertex.y()) for vertex in theirs.vertices()]
    want = positions(ours["coordinates"])
    return len(got) == len(want) and all(abs(a[0] - b[0]) <= NEAR and abs(a[1] - b[1]) <= NEAR for a, b in zip(got, want))


def compare(collection, base="/api/"):
    """Every feature, every property and every vertex."""
    begun = time.time()
    layer = layer_of(collection, base=base)
    check(layer.isValid(), f"{collection}: QGIS makes no layer of {base}")
    ours, seen = features(collection), {}
    check(layer.crs().authid() in ("EPSG:4326", "OGC:CRS84"), f"{collection}: is in {layer.crs().authid()}")
    for feature in layer.getFeatures():
        check(feature["id"] not in seen, f"{collection}/{feature['id']} is there twice")
        seen[feature["id"]] = feature
    check(len(seen) == len(ours), f"{collection}: QGIS has {len(seen)} features, the API {len(ours)}")
    check(layer.featureCount() == len(ours), f"{collection}: QGIS counts {layer.featureCount()}, of {len(ours)}")
    names = {field.name() for field in layer.fields()}
    for code, feature in ours.items():
        if code not in seen:
            check(False, f"{collection}/{code} is missing")
            continue
        check(same_shape(feature["geometry"], seen[code].geometry()), f"{collection}/{code}: another geometry")
        for name, value in feature["properties"].items():
            if name in UNREAD:
                continue
            if name not in names:
                check(value in (None, [], ""), f"{collection}/{code}: {name} is not in QGIS")
                continue
            got = plain(seen[code][name])
            check(same_value(value, got), f"{collection}/{code}: {name} is {got!r}, not {value!r}")
    print(f"  {collection}: {len(seen)} features in {time.time() - begun:.1f} s")


def compare_box(collection, box):
    """Only what is in view, as QGIS asks for it when it draws."""
    rectangle = QgsRectangle(*box)
    layer = layer_of(collection, " restrictToRequestBBOX='1'")
    got = {feature["id"] for feature in layer.getFeatures(QgsFeatureRequest(rectangle))}
    want = set(features(collection, "&bbox=" + ",".join(map(str, box))))
    check(got == want, f"{collection} in {box}: {len(got)} features, the API has {len(want)}")
    check(0 < len(want), f"{collection} in {box}: there is nothing to compare")
    print(f"  {collection} in a box: {len(got)} features")


def tile_of(lng, lat, zoom):
    mercator = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), QgsCoordinateReferenceSystem("EPSG:3857"), QgsProject.instance())
    place = mercator.transform(QgsPointXY(lng, lat))
    world = 2 * 20037508.342789244
    size = world / 2**zoom
    return int((place.x() + world / 2) / size), int((world / 2 - place.y()) / size), place, size


def tile_bounds(x, y, zoom):
    half = 20037508.342789244
    size = 2 * half / 2**zoom
    return x * size - half, half - (y + 1) * size, (x + 1) * size - half, half - y * size


def compare_tile(layers, zoom, lng, lat):
    """A tile read by QGIS has in each layer the features that the API finds there, with their properties."""
    x, y, _, size = tile_of(lng, lat, zoom)
    body = ask(f"/api/tiles/{layers}/{zoom}/{x}/{y}")
    west, south, east, north = tile_bounds(x, y, zoom)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"{y}.pbf")
        with open(path, "wb") as file:
            file.write(body)
        for name in layers.split(","):
            layer = QgsVectorLayer(f"MVT:{path}|layername={name}|option:X={x}|option:Y={y}|option:Z={zoom}|option:CLIP=NO", name, "ogr")
            check(layer.isValid(), f"tile {zoom}/{x}/{y}: QGIS finds no layer {name}")
            if not layer.isValid():
                continue
            compare_tile_layer(name, layer, features(name), (west, south, east, north), size / 4096, f"tile {zoom}/{x}/{y}")


def compare_tile_layer(name, layer, ours, bounds, unit, where):
    mercator = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), QgsCoordinateReferenceSystem("EPSG:3857"), QgsProject.instance())
    seen = {}
    for feature in layer.getFeatures():
        seen[feature["code"]] = feature
        one = ours.get(feature["code"])
        check(one is not None, f"{where}: {name}/{feature['code']} is not in the API")
        if one is None:
            continue
        for field in layer.fields():
            value = one["properties"].get(field.name())
            if value is not None and field.name() != "services":
                got = plain(feature[field.name()])
                check(same_value(value, int(got) if isinstance(value, bool) and got is not None else got), f"{where}: {name}/{feature['code']}: {field.name()} is {got!r}, not {value!r}")
        if one["geometry"]["type"] == "Point":
            want, got = mercator.transform(QgsPointXY(*one["geometry"]["coordinates"])), feature.geometry().asPoint()
            check(abs(want.x() - got.x()) <= unit and abs(want.y() - got.y()) <= unit, f"{where}: {name}/{feature['code']} is {want.distance(got):.2f} m away")
    west, south, east, north = bounds
    for code, one in ours.items():
        if one["geometry"] and one["geometry"]["type"] == "Point":
            place = mercator.transform(QgsPointXY(*one["geometry"]["coordinates"]))
            inside = west + unit < place.x() < east - unit and south + unit < place.y() < north - unit
            check(not inside or code in seen, f"{where}: {name}/{code} is missing")
    check(len(seen) > 0, f"{where}: {name} is empty")
    print(f"  {where}: {len(seen)} {name}")


def compare_drawing(lng, lat, zoom):
    """QGIS draws the stations of the vector tiles where they are, and nothing elsewhere."""
    x, y, _, _ = tile_of(lng, lat, zoom)
    url = f"type=xyz&url={BASE}/api/tiles/stations/%7Bz%7D/%7Bx%7D/%7By%7D&zmin=0&zmax=14"
    layer = QgsVectorTileLayer(url, "stations")
    check(layer.isValid(), "QGIS makes no layer of the vector tiles")
    style = QgsVectorTileBasicRendererStyle("station", "stations", QgsWkbTypes.PointGeometry)
    style.setSymbol(QgsMarkerSymbol.createSimple({"name": "circle", "color": "255,0,0", "outline_style": "no", "size": "2"}))
    renderer = QgsVectorTileBasicRenderer()
    renderer.setStyles([style])
    layer.setRenderer(renderer)
    bounds = QgsRectangle(*tile_bounds(x, y, zoom))
    settings = QgsMapSettings()
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(bounds)
    settings.setOutputSize(QSize(512, 512))
    settings.setBackgroundColor(QColor("white"))
    settings.setLayers([layer])
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    reds = [(column, row) for column in range(512) for row in range(512) if QColor(image.pixel(column, row)).red() > 200 and QColor(image.pixel(column, row)).green() < 80]
    mercator = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), QgsCoordinateReferenceSystem("EPSG:3857"), QgsProject.instance())
    spots = []
    for one in features("stations").values():
        place = mercator.transform(QgsPointXY(*one["geometry"]["coordinates"]))
        column = (place.x() - bounds.xMinimum()) / bounds.width() * 512
        row = (bounds.yMaximum() - place.y()) / bounds.height() * 512
        if -20 < column < 532 and -20 < row < 532:
            spots.append((column, row))
    inside = [(column, row) for column, row in spots if 2 < column < 510 and 2 < row < 510]
    check(len(inside) > 0, "no station is in the picture")
    near = {(round(column) + dx, round(row) + dy) for column, row in reds for dx in range(-3, 4) for dy in range(-3, 4)}
    for column, row in inside:
        check((round(column), round(row)) in near, f"a station at pixel {column:.0f},{row:.0f} was not drawn")
    for column, row in reds:
        check(any(abs(column - c) <= 12 and abs(row - r) <= 12 for c, r in spots), f"something was drawn at pixel {column},{row}, where no station is")
    print(f"  drawn: {len(inside)} stations, {len(reds)} pixels")


def main():
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], True)
    application.initQgis()
    print(f"QGIS {Qgis.QGIS_VERSION} against {BASE}")
    city = json.loads(ask("/api/city"))
    hailar = next(station["geometry"]["coordinates"] for station in features("stations").values())
    compare("stations", base="/api")
    for collection in ("stations", "units", "friendly_scenes", "micro_grids"):
        compare(collection)
    around = (hailar[0] - 0.05, hailar[1] - 0.05, hailar[0] + 0.05, hailar[1] + 0.05)
    compare_box("stations", around)
    compare_box("micro_grids", around)
    for zoom in (12, 14):
        compare_tile("stations,micro_grids", zoom, *hailar)
    compare_drawing(*hailar, 12)
    print(f"{city['name']}: {checked} comparisons, {failed} failed")
    # Leaving by the interpreter's end makes Qt take down what Python has taken down already.
    sys.stdout.flush()
    os._exit(1 if failed else 0)


main()
