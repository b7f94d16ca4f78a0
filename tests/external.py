"""Workbooks with parts that are elsewhere: every kind that a package can carry, made by hand."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Final

import openpyxl
from linked import PACKAGE, put
from packages import packed, parts_of

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWING: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
CHART: Final = "http://schemas.openxmlformats.org/drawingml/2006/chart"
ANCHOR: Final = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
SHEET: Final = "xl/worksheets/sheet1.xml"
TYPES: Final = {
    "drawing": "application/vnd.openxmlformats-officedocument.drawing+xml",
    "chart": "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
    "theme": "application/vnd.openxmlformats-officedocument.theme+xml",
    "connections": "application/vnd.openxmlformats-officedocument.spreadsheetml.connections+xml",
    "queryTable": "application/vnd.openxmlformats-officedocument.spreadsheetml.queryTable+xml",
    "pivotCacheDefinition": "application/vnd.openxmlformats-officedocument.spreadsheetml"
    ".pivotCacheDefinition+xml",
    "externalLink": "application/vnd.openxmlformats-officedocument.spreadsheetml.externalLink+xml",
    "customXmlProps": "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
    "webextension": "application/vnd.ms-office.webextension+xml",
    "webImages": "application/vnd.ms-excel.rdrichvaluewebimage+xml",
    "vmlDrawing": "application/vnd.openxmlformats-officedocument.vmlDrawing",
}


class Made:
    """A workbook with one formula, to which parts are added."""

    def __init__(self, formula: str = "1+1", after: str = "") -> None:
        made, buffer = openpyxl.Workbook(), io.BytesIO()
        made.active["A1"] = 1
        made.save(buffer)
        self.parts = parts_of(buffer.getvalue())
        self.parts[SHEET] = (
            f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheetData><row r="1"><c r="A1">'
            f"<f>{formula}</f></c></row></sheetData>{after}</worksheet>"
        ).encode()

    def add(self, name: str, kind: str, text: str) -> Made:
        """Add a part."""
        self.parts[name] = text.encode()
        override = f'<Override PartName="/{name}" ContentType="{TYPES[kind]}"/>'
        put(self.parts, "[Content_Types].xml", "</Types>", override)
        return self

    def relate(self, part: str, kind: str, target: str, *, external: bool = False) -> Made:
        """Have a part refer to another, or to something elsewhere, as rId9."""
        folder, _, name = part.rpartition("/")
        rels = f"{folder}/_rels/{name}.rels".lstrip("/")
        mode = ' TargetMode="External"' if external else ""
        whole = kind if ":" in kind else f"{OFFICE}/{kind}"
        text = f'<Relationship Id="rId9" Type="{whole}" Target="{target}"{mode}/>'
        before = self.parts.get(rels, b"").decode().removesuffix("</Relationships>")
        start = before or f'<Relationships xmlns="{PACKAGE}">'
        self.parts[rels] = f"{start}{text}</Relationships>".encode()
        return self

    def packed(self) -> bytes:
        return packed(self.parts)


def drawn(inside: str, formula: str = "1+1") -> Made:
    """Put something into a drawing."""
    made = Made(formula, '<drawing r:id="rId9"/>').relate(SHEET, "drawing", "/xl/d.xml")
    place = (
        "<xdr:{0}><xdr:col>{1}</xdr:col><xdr:colOff>0</xdr:colOff>"
        "<xdr:row>{1}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:{0}>"
    )
    return made.add(
        "xl/d.xml",
        "drawing",
        f'<xdr:wsDr xmlns:xdr="{ANCHOR}" xmlns:a="{DRAWING}" xmlns:r="{OFFICE}" '
        f'xmlns:c="{CHART}"><xdr:twoCellAnchor>{place.format("from", 2)}{place.format("to", 9)}'
        f"{inside}<xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>",
    )


def picture(address: str, reference: str = "r:link") -> Made:
    made = drawn(
        '<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" name="p"/><xdr:cNvPicPr/></xdr:nvPicPr>'
        f'<xdr:blipFill><a:blip {reference}="rId9"/><a:stretch><a:fillRect/></a:stretch>'
        '</xdr:blipFill><xdr:spPr><a:prstGeom prst="rect"/></xdr:spPr></xdr:pic>'
    )
    return made.relate("xl/d.xml", "image", address, external=True)


def media(address: str, kind: str = "video") -> Made:
    made = drawn(
        '<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" name="p"/><xdr:cNvPicPr/><xdr:nvPr>'
        f'<a:{kind}File r:link="rId9"/></xdr:nvPr></xdr:nvPicPr><xdr:blipFill/>'
        '<xdr:spPr><a:prstGeom prst="rect"/></xdr:spPr></xdr:pic>'
    )
    return made.relate("xl/d.xml", kind, address, external=True)


def filled(address: str) -> Made:
    """A shape filled with a picture."""
    made = drawn(
        '<xdr:sp><xdr:nvSpPr><xdr:cNvPr id="2" name="s"/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr>'
        '<a:prstGeom prst="rect"/><a:blipFill><a:blip r:link="rId9"/><a:stretch/></a:blipFill>'
        "</xdr:spPr></xdr:sp>"
    )
    return made.relate("xl/d.xml", "image", address, external=True)


def chart(address: str) -> Made:
    made = drawn(
        '<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="2" name="c"/>'
        "<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm/><a:graphic>"
        f'<a:graphicData uri="{CHART}"><c:chart r:id="rId9"/></a:graphicData></a:graphic>'
        "</xdr:graphicFrame>"
    )
    made.relate("xl/d.xml", "chart", "/xl/c.xml").relate(
        "xl/c.xml", "image", address, external=True
    )
    return made.add(
        "xl/c.xml",
        "chart",
        f'<c:chartSpace xmlns:c="{CHART}" xmlns:a="{DRAWING}" xmlns:r="{OFFICE}"><c:chart>'
        '<c:plotArea><c:barChart><c:ser><c:idx val="0"/><c:val><c:numRef><c:f>Sheet!$A$1</c:f>'
        '</c:numRef></c:val></c:ser></c:barChart><c:spPr><a:blipFill><a:blip r:link="rId9"/>'
        '</a:blipFill></c:spPr></c:plotArea></c:chart><c:externalData r:id="rId9"/>'
        "</c:chartSpace>",
    )


def vml(address: str) -> Made:
    made = Made(after='<legacyDrawing r:id="rId9"/>')
    made.relate(SHEET, "vmlDrawing", "/xl/v.vml")
    made.relate("xl/v.vml", "image", address, external=True)
    return made.add(
        "xl/v.vml",
        "vmlDrawing",
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:'
        'office" xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shape id="s1" '
        f'style="width:9pt;height:9pt"><v:imagedata src="{address}" o:href="{address}" '
        f'o:relid="rId9"/><v:fill src="{address}" o:relid="rId9" type="frame"/>'
        '<x:ClientData ObjectType="Pict"><x:Anchor>1,1,1,1,3,3,3,3</x:Anchor></x:ClientData>'
        "</v:shape></xml>",
    )


def ole(address: str) -> Made:
    after = (
        '<oleObjects><oleObject progId="Package" dvAspect="DVASPECT_CONTENT" linkType="auto" '
        'oleUpdate="OLEUPDATE_ALWAYS" shapeId="1025" r:id="rId9"/></oleObjects>'
    )
    return Made(after=after).relate(SHEET, "oleObject", address, external=True)


def background(address: str) -> Made:
    return Made(after='<picture r:id="rId9"/>').relate(SHEET, "image", address, external=True)


def theme(address: str) -> Made:
    made = Made()
    fill = '<a:blipFill><a:blip r:link="rId9"/><a:tile/></a:blipFill>'
    text = made.parts["xl/theme/theme1.xml"].decode()
    text = text.replace("<a:bgFillStyleLst>", f"<a:bgFillStyleLst>{fill}")
    made.parts["xl/theme/theme1.xml"] = text.replace(
        "<a:theme ", f'<a:theme xmlns:r="{OFFICE}" ', 1
    ).encode()
    return made.relate("xl/theme/theme1.xml", "image", address, external=True)


def query(address: str) -> Made:
    """A table filled from a page of the network, refreshed on opening."""
    made = Made().relate("xl/workbook.xml", "connections", "/xl/connections.xml")
    made.relate(SHEET, "queryTable", "/xl/q.xml")
    made.add(
        "xl/connections.xml",
        "connections",
        f'<connections xmlns="{MAIN}"><connection id="1" name="c" type="4" refreshedVersion="6" '
        f'background="0" refreshOnLoad="1"><webPr sourceData="1" url="{address}" htmlTables="1">'
        '<tables count="1"><x v="1"/></tables></webPr></connection></connections>',
    )
    return made.add(
        "xl/q.xml",
        "queryTable",
        f'<queryTable xmlns="{MAIN}" name="c" connectionId="1" refreshOnLoad="1"/>',
    )


def connection(inside: str, kind: int, more: str = "") -> Callable[[str], Made]:
    """A connection of another kind, refreshed on opening."""

    def make(address: str) -> Made:
        made = Made().relate("xl/workbook.xml", "connections", "/xl/connections.xml")
        return made.add(
            "xl/connections.xml",
            "connections",
            f'<connections xmlns="{MAIN}"><connection id="1" name="c" type="{kind}" '
            f'refreshedVersion="6" refreshOnLoad="1" {more.format(address)}>'
            f"{inside.format(address)}</connection></connections>",
        )

    return make


def header_picture(address: str) -> Made:
    """A picture in the sheet's header, which is a drawing of its own."""
    made = Made(
        after="<headerFooter><oddHeader>&amp;C&amp;G</oddHeader></headerFooter>"
        '<legacyDrawingHF r:id="rId9"/>'
    )
    made.relate(SHEET, "vmlDrawing", "/xl/h.vml")
    made.relate("xl/h.vml", "image", address, external=True)
    return made.add(
        "xl/h.vml",
        "vmlDrawing",
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:'
        'office"><v:shape id="CH" style="width:9pt;height:9pt">'
        f'<v:imagedata src="{address}" o:href="{address}" o:relid="rId9"/></v:shape></xml>',
    )


def web_image(address: str) -> Made:
    """A picture from the network in a cell, as the function IMAGE keeps it."""
    kind = "http://schemas.microsoft.com/office/2020/07/relationships/rdRichValueWebImage"
    made = Made().relate("xl/workbook.xml", kind, "/xl/richData/rdRichValueWebImage.xml")
    part = "xl/richData/rdRichValueWebImage.xml"
    made.relate(part, "hyperlink", address, external=True)
    return made.add(
        part,
        "webImages",
        '<webImagesSrd xmlns="http://schemas.microsoft.com/office/spreadsheetml/2020/'
        f'richdatawebimage" xmlns:r="{OFFICE}"><webImageSrd><address r:id="rId9"/></webImageSrd>'
        "</webImagesSrd>",
    )


def control(address: str) -> Made:
    """A control whose picture and content are elsewhere."""
    made = Made(after='<controls><control shapeId="1025" r:id="rId9" name="c"/></controls>')
    return made.relate(SHEET, "control", address, external=True)


def stylesheet(address: str) -> Made:
    """A sheet that names a style sheet and the place of its schema."""
    made = Made()
    text = made.parts[SHEET].decode()
    schema = (
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{MAIN} {address}" xmlns='
    )
    made.parts[SHEET] = (
        f'<?xml-stylesheet type="text/xsl" href="{address}"?>{text.replace("xmlns=", schema, 1)}'
    ).encode()
    return made


def pivot(address: str) -> Made:
    made = Made().relate("xl/workbook.xml", "pivotCacheDefinition", "/xl/p.xml")
    made.relate("xl/p.xml", "externalLinkPath", address, external=True)
    caches = f'<pivotCaches><pivotCache xmlns:r="{OFFICE}" cacheId="1" r:id="rId9"/></pivotCaches>'
    put(made.parts, "xl/workbook.xml", "</workbook>", caches)
    return made.add(
        "xl/p.xml",
        "pivotCacheDefinition",
        f'<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{OFFICE}" refreshOnLoad="1">'
        '<cacheSource type="worksheet"><worksheetSource r:id="rId9" sheet="S" ref="A1:B2"/>'
        "</cacheSource><cacheFields/></pivotCacheDefinition>",
    )


def linked(address: str, inside: str) -> Made:
    """An external link of some kind, whose relationship is rId9."""
    part = "xl/externalLinks/externalLink1.xml"
    made = Made("[1]S!A1+1").relate("xl/workbook.xml", "externalLink", f"/{part}")
    kind = "oleObject" if "oleLink" in inside else "externalLinkPath"
    made.relate(part, kind, address, external=True)
    reference = f'<externalReference xmlns:r="{OFFICE}" r:id="rId9"/>'
    listed = f"<externalReferences>{reference}</externalReferences>"
    put(made.parts, "xl/workbook.xml", "<definedNames", listed)
    return made.add(
        part,
        "externalLink",
        f'<externalLink xmlns="{MAIN}" xmlns:r="{OFFICE}">{inside}</externalLink>',
    )


def book(address: str) -> Made:
    cell = '<row r="1"><cell r="A1"><v>1</v></cell></row>'
    return linked(
        address,
        '<externalBook r:id="rId9"><sheetNames><sheetName val="S"/></sheetNames><sheetDataSet>'
        f'<sheetData sheetId="0">{cell}</sheetData></sheetDataSet></externalBook>',
    )


def ole_link(address: str) -> Made:
    items = '<oleItems><oleItem name="x" advise="1" preferPic="1"/></oleItems>'
    made = linked(address, f'<oleLink r:id="rId9" progId="Package">{items}</oleLink>')
    made.parts[SHEET] = made.parts[SHEET].replace(b"[1]S!A1+1", b"1+1")
    return made


def dde_link(address: str) -> Made:
    link = f'<ddeLink ddeService="soffice" ddeTopic="{address}"><ddeItems/></ddeLink>'
    made = linked(address, link)
    made.parts[SHEET] = made.parts[SHEET].replace(b"[1]S!A1+1", b"1+1")
    return made


def custom_xml(address: str) -> Made:
    made = Made().relate("xl/workbook.xml", "customXml", "/customXml/item1.xml")
    made.parts["customXml/item1.xml"] = (
        f'<x xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="urn:x {address}"/>'
    ).encode()
    made.relate("customXml/item1.xml", "customXmlProps", "/customXml/p.xml")
    return made.add(
        "customXml/p.xml",
        "customXmlProps",
        '<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/'
        f'customXml"><ds:schemaRefs><ds:schemaRef ds:uri="{address}"/></ds:schemaRefs>'
        "</ds:datastoreItem>",
    )


def web_extension(address: str) -> Made:
    kind = "http://schemas.microsoft.com/office/2011/relationships/webextension"
    made = Made().relate("", kind, "/xl/w.xml").relate("xl/w.xml", "image", address, external=True)
    return made.add(
        "xl/w.xml",
        "webextension",
        f'<we:webextension xmlns:we="http://schemas.microsoft.com/office/webextensions/'
        f'webextension/2010/11"><we:snapshot xmlns:r="{OFFICE}" r:link="rId9"/>'
        "</we:webextension>",
    )


def hyperlink(address: str) -> Made:
    links = '<hyperlinks><hyperlink ref="A1" r:id="rId9"/></hyperlinks>'
    return Made(after=links).relate(SHEET, "hyperlink", address, external=True)


def template(address: str) -> Made:
    return Made().relate("xl/workbook.xml", "attachedTemplate", address, external=True)


def formula(address: str) -> Made:
    """Formulas, of cells and of rules, that name another workbook by its address."""
    folder, _, name = address.rpartition("/")
    there = f"'{folder}/[{name}]S'!A1"
    rule = f'type="list" sqref="B1"><formula1>{there}</formula1></dataValidation>'
    after = (
        f'<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1"><formula>{there}'
        f"</formula></cfRule></conditionalFormatting>"
        f'<dataValidations count="1"><dataValidation {rule}</dataValidations>'
    )
    made = Made(f"1+IFERROR(0*{there},1)+IFERROR(0*INDIRECT(&quot;{there}&quot;),0)", after)
    names = f'<definedNames><definedName name="there">{there}</definedName></definedNames>'
    workbook = made.parts["xl/workbook.xml"].decode()
    made.parts["xl/workbook.xml"] = workbook.replace("<definedNames/>", names).encode()
    return made


def call(text: str) -> Callable[[str], Made]:
    return lambda address: Made(f"1+IFERROR(LEN({text.format(address)})*0,1)")


KINDS: Final[Mapping[str, Callable[[str], Made]]] = {
    "a linked picture": picture,
    "an embedded picture elsewhere": lambda address: picture(address, "r:embed"),
    "a picture in a header": header_picture,
    "a picture in a cell": web_image,
    "media": media,
    "sound": lambda address: media(address, "audio"),
    "a picture that fills": filled,
    "a chart": chart,
    "VML": vml,
    "an OLE object": ole,
    "a background": background,
    "a theme": theme,
    "a control": control,
    "a query": query,
    "a connection's file": connection(
        '<dbPr connection="Provider=x;Data Source={0}" command="S"/>', 5, 'odcFile="{0}" '
    ),
    "a text to be read in": connection('<textPr sourceFile="{0}" prompt="0"/>', 6),
    "a pivot cache": pivot,
    "a workbook": book,
    "an OLE link": ole_link,
    "a DDE link": dde_link,
    "custom XML": custom_xml,
    "a web extension": web_extension,
    "a hyperlink": hyperlink,
    "a template": template,
    "a style sheet and a schema": stylesheet,
    "formulas": formula,
    "WEBSERVICE": call("_xlfn.WEBSERVICE(&quot;{0}&quot;)"),
    "IMAGE": call("_xlfn.IMAGE(&quot;{0}&quot;)"),
    "RTD": call("RTD(&quot;x.y&quot;,&quot;&quot;,&quot;{0}&quot;)"),
    "DDE": call("DDE(&quot;soffice&quot;,&quot;{0}&quot;,&quot;A1&quot;)"),
    "HYPERLINK": call("HYPERLINK(&quot;{0}&quot;)"),
}
"""What makes a workbook that refers to an address, by kind."""

FORMULAS: Final = frozenset({"formulas", "WEBSERVICE", "IMAGE", "RTD", "DDE", "HYPERLINK"})
"""The kinds that are formulas, which an engine may refuse."""
