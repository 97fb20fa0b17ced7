// Makes what a cell displays safe to stand in the page: of its HTML and SVG only what is listed here is
// built anew, element by element. Nothing in it runs, loads, covers the page or takes the name of something there.
(() => {
  "use strict";
  const HTML = "http://www.w3.org/1999/xhtml", SVG = "http://www.w3.org/2000/svg";
  const words = (text) => new Set(text.split(" "));
  const TAGS = {
    [HTML]: words("a abbr b blockquote br caption code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img kbd"
      + " li ol p pre q s small span strong sub summary sup table tbody td tfoot th thead tr u ul var"),
    [SVG]: words("svg g path rect circle ellipse line polyline polygon text tspan title desc defs clipPath linearGradient radialGradient stop"),
  };
  const ATTRIBUTES = {
    [HTML]: words("dir lang title aria-label alt colspan rowspan scope start open width height"),
    [SVG]: words("viewBox width height preserveAspectRatio class role aria-label aria-hidden lang transform d x y x1 y1 x2 y2 dx dy cx cy r rx ry"
      + " points fx fy offset gradientUnits gradientTransform spreadMethod clipPathUnits textLength lengthAdjust rotate"
      + " color fill fill-opacity fill-rule clip-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-dashoffset stroke-linecap"
      + " stroke-linejoin stroke-miterlimit opacity stop-color stop-opacity font-family font-size font-style font-weight text-anchor"
      + " dominant-baseline alignment-baseline letter-spacing shape-rendering text-rendering vector-effect"),
  };
  const STYLES = ["color", "background-color", "text-align", "font-weight", "font-style", "font-family", "font-size", "white-space", "width", "height",
    "max-width", "padding-left", "padding-right", "fill", "stroke", "stroke-width", "opacity"];
  const OWN = words("id aria-labelledby aria-describedby clip-path fill stroke"); // name something in the same figure

  // Builds an element as it may be, below parent. Ids begin with mark.
  function build(from, parent, mark) {
    for (const node of from.childNodes) {
      if (node.nodeType === Node.TEXT_NODE || node.nodeType === Node.CDATA_SECTION_NODE) parent.append(node.data);
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      const { namespaceURI: space, localName: name } = node;
      if (TAGS[space]?.has(name)) {
        const element = document.createElementNS(space, name);
        for (const { name: key, value } of node.attributes) attribute(element, space, key, value, mark);
        build(node, element, mark);
        parent.append(element);
      } else if (space === HTML && !/^(script|style|template|iframe|object|embed|noscript|title|textarea|select|svg|math)$/.test(name)) {
        build(node, parent, mark); // an unknown box is left out, not what stands in it
      }
    }
    return parent;
  }

  function attribute(element, space, key, value, mark) {
    if (key === "style") {
      for (const name of STYLES) {
        const given = element.ownerDocument.createElement("i");
        given.style.cssText = value;
        const set = given.style.getPropertyValue(name);
        if (set && !/url|image|expression/i.test(set)) element.style.setProperty(name, set);
      }
    } else if (space === SVG && OWN.has(key) && (/^url\(#[\w-]+\)$/.test(value) || !/^(clip-path|fill|stroke)$/.test(key))) {
      if (key === "id" || key.startsWith("aria-")) value = value.replace(/[\w-]+/g, `${mark}$&`);
      element.setAttribute(key, value.replace("url(#", `url(#${mark}`));
    } else if (ATTRIBUTES[space].has(key)) {
      if (!/url\s*\(|\\/i.test(value)) element.setAttribute(key, value);
    } else if (space === HTML && key === "href" && element.localName === "a" && /^(https?:|mailto:)/i.test(value)) {
      element.setAttribute("href", value);
      element.setAttribute("rel", "noopener noreferrer");
    } else if (space === HTML && key === "src" && element.localName === "img" && /^data:image\/(png|jpeg|gif|webp);base64,/i.test(value)) {
      element.setAttribute("src", value);
    }
  }

  unrollRun.safe = {
    // A figure, or null if the text is none.
    svg(text, mark) {
      const root = new DOMParser().parseFromString(text.slice(Math.max(text.indexOf("<svg"), 0)), "image/svg+xml").documentElement;
      if (root.localName !== "svg" || root.namespaceURI !== SVG) return null;
      return build({ childNodes: [root] }, document.createDocumentFragment(), mark).firstChild;
    },
    html: (text, mark) => build(new DOMParser().parseFromString(text, "text/html").body, document.createElement("div"), mark),
  };
})();
