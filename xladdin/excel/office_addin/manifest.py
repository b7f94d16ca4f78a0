"""The manifest by which Excel knows the browser add-in."""

from __future__ import annotations

import re
import uuid
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from xladdin._version import __version__
from xladdin.formulas.tokens import NAMESPACE

_DESCRIPTION: Final = (
    "Contract arithmetic for equity programmes, warrants and convertible debentures."
)
_NAMESPACES: Final = (
    'xmlns="http://schemas.microsoft.com/office/appforoffice/1.1"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:bt="http://schemas.microsoft.com/office/officeappbasictypes/1.0"'
)
_OVERRIDES: Final = "http://schemas.microsoft.com/office/taskpaneappversionoverrides"

_TEXTS: Final = {
    "ShortStrings": {
        "Namespace": NAMESPACE,
        "Group.Label": "xladdin",
        "Button.Label": "xladdin",
        "Start.Title": "xladdin is there",
    },
    "LongStrings": {
        "Button.Tip": "Explain a cell, insert a function, and look up the terms of a deal.",
        "Start.Text": f"Type ={NAMESPACE}.CEO_FEE(2000000), or open the pane on the tab Home.",
    },
}


def identifier(host: str) -> str:
    """Return the add-in's identifier: always the same for the same address."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{host}/xladdin"))


def manifest(host: str) -> str:
    """Write the manifest.

    Args:
        host: Address of the add-in's folder, without a slash at its end.

    Returns:
        The XML. Excel needs the shared runtime, in which the pane and the functions are one page,
        and errors as values of functions.
    """
    origin = re.match(r"https?://[^/]+", host)
    assert origin is not None
    numbers = (*re.findall(r"\d+", __version__)[:3], "0", "0", "0")[:4]
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<OfficeApp {_NAMESPACES} xsi:type="TaskPaneApp">
  <Id>{identifier(host)}</Id>
  <Version>{".".join(numbers)}</Version>
  <ProviderName>xladdin</ProviderName>
  <DefaultLocale>en-US</DefaultLocale>
  <DisplayName DefaultValue="xladdin"/>
  <Description DefaultValue={quoteattr(_DESCRIPTION)}/>
  <IconUrl DefaultValue={quoteattr(f"{host}/icons/icon-32.png")}/>
  <HighResolutionIconUrl DefaultValue={quoteattr(f"{host}/icons/icon-64.png")}/>
  <SupportUrl DefaultValue={quoteattr(f"{host}/help.html")}/>
  <AppDomains>
    <AppDomain>{escape(origin[0])}</AppDomain>
  </AppDomains>
  <Hosts>
    <Host Name="Workbook"/>
  </Hosts>
  <Requirements>
    <Sets DefaultMinVersion="1.1">
      <Set Name="SharedRuntime" MinVersion="1.1"/>
      <Set Name="CustomFunctionsRuntime" MinVersion="1.4"/>
    </Sets>
  </Requirements>
  <DefaultSettings>
    <SourceLocation DefaultValue={quoteattr(f"{host}/taskpane.html")}/>
  </DefaultSettings>
  <Permissions>ReadWriteDocument</Permissions>
  <VersionOverrides xmlns="{_OVERRIDES}" xsi:type="VersionOverridesV1_0">
    <Hosts>
      <Host xsi:type="Workbook">
        <Runtimes>
          <Runtime resid="Pane.Url" lifetime="long"/>
        </Runtimes>
        <AllFormFactors>
          <ExtensionPoint xsi:type="CustomFunctions">
            <Script>
              <SourceLocation resid="Script.Url"/>
            </Script>
            <Page>
              <SourceLocation resid="Pane.Url"/>
            </Page>
            <Metadata>
              <SourceLocation resid="Metadata.Url"/>
            </Metadata>
            <Namespace resid="Namespace"/>
          </ExtensionPoint>
        </AllFormFactors>
{_DESKTOP}
      </Host>
    </Hosts>
{_resources(host)}
  </VersionOverrides>
</OfficeApp>
"""


_ICONS: Final = "".join(f'<bt:Image size="{size}" resid="Icon.{size}"/>' for size in (16, 32, 80))

_DESKTOP: Final = f"""\
        <DesktopFormFactor>
          <GetStarted>
            <Title resid="Start.Title"/>
            <Description resid="Start.Text"/>
            <LearnMoreUrl resid="Help.Url"/>
          </GetStarted>
          <FunctionFile resid="Pane.Url"/>
          <ExtensionPoint xsi:type="PrimaryCommandSurface">
            <OfficeTab id="TabHome">
              <Group id="xladdin.Group">
                <Label resid="Group.Label"/>
                <Icon>{_ICONS}</Icon>
                <Control xsi:type="Button" id="xladdin.Pane">
                  <Label resid="Button.Label"/>
                  <Supertip>
                    <Title resid="Button.Label"/>
                    <Description resid="Button.Tip"/>
                  </Supertip>
                  <Icon>{_ICONS}</Icon>
                  <Action xsi:type="ShowTaskpane">
                    <TaskpaneId>xladdin</TaskpaneId>
                    <SourceLocation resid="Pane.Url"/>
                  </Action>
                </Control>
              </Group>
            </OfficeTab>
          </ExtensionPoint>
        </DesktopFormFactor>"""


def _resources(host: str) -> str:
    """Write the addresses and texts that the rest of the manifest refers to."""
    images = {f"Icon.{size}": f"{host}/icons/icon-{size}.png" for size in (16, 32, 80)}
    urls = {
        "Pane.Url": f"{host}/taskpane.html",
        "Script.Url": f"{host}/functions.js",
        "Metadata.Url": f"{host}/functions.json",
        "Help.Url": f"{host}/help.html",
    }
    groups = {"Images": ("Image", images), "Urls": ("Url", urls)}
    groups |= {name: ("String", texts) for name, texts in _TEXTS.items()}
    lines = ["    <Resources>"]
    for group, (kind, entries) in groups.items():
        lines.append(f"      <bt:{group}>")
        lines += [
            f'        <bt:{kind} id="{name}" DefaultValue={quoteattr(value)}/>'
            for name, value in entries.items()
        ]
        lines.append(f"      </bt:{group}>")
    lines.append("    </Resources>")
    return "\n".join(lines)
