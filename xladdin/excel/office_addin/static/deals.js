// "Deals": every figure of a deal's agreement, with its source.

import { by, element, line, paragraph } from "./page.js";

export function prepare({ deals }) {
  const choice = by("deal");
  for (const deal of deals) {
    for (const one of deal.selections) choice.append(new Option(one.text, one.text));
  }
  const show = () => {
    for (const deal of deals) {
      const one = deal.selections.find((item) => item.text === choice.value);
      if (one) by("figures").replaceChildren(...figures(deal, one));
    }
  };
  choice.onchange = show;
  show();
}

function figures(deal, one) {
  const list = element("ol", "steps plain");
  for (const figure of one.figures) {
    list.append(element("li", "",
      line(figure.meaning, [figure.value, figure.unit].filter(Boolean).join(" ")),
      paragraph(figure.source, "small"),
      element("code", "small", figure.name)));
  }
  return [
    paragraph(deal.issuer),
    paragraph(`${deal.document}, ${deal.date}`, "small"),
    paragraph("A formula names it in its last argument, and a figure with DEAL_TERM:", "small"),
    element("code", "", `"${one.text}"`),
    list,
  ];
}
