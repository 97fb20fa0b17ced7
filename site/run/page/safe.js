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
  // The largest figure of the lessons has 40,000 characters, 545 elements and four levels.
  const MOST = { characters: 4_000_000, tags: 20_000, levels: 100 };

  const TAGGED = `it has more than ${MOST.tags.toLocaleString("en")} tags`;

  // Builds what may stand in the page of the nodes, below parent. Ids begin with mark. Throws if it is too much.
  function build(nodes, parent, mark, level = 0, count = { tags: 0 }) {
    for (const node of nodes) {
      if (node.nodeType === Node.TEXT_NODE || node.nodeType === Node.CDATA_SECTION_NODE) parent.append(node.data);
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      if (level >= MOST.levels) throw new Error(`it has elements within elements, more than ${MOST.levels} levels`);
      if (++count.tags > MOST.tags) throw new Error(TAGGED);
      const { namespaceURI: space, localName: name } = node;
      if (TAGS[space]?.has(name)) {
        const element = document.createElementNS(space, name);
        for (const { name: key, value } of node.attributes) attribute(element, space, key, value, mark);
        build(node.childNodes, element, mark, level + 1, count);
        parent.append(element);
      } else if (space === HTML && !/^(script|style|template|iframe|object|embed|noscript|title|textarea|select|svg|math)$/.test(name)) {
        build(node.childNodes, parent, mark, level + 1, count); // an unknown box is left out, not what stands in it
      }
    }
    return parent;
  }

  function parsed(text, type) {
    if (text.length > MOST.characters) throw new Error(`it has more than ${MOST.characters.toLocaleString("en")} characters`);
    if (text.split("<").length > MOST.tags) throw new Error(TAGGED); // browsers take the square of the time for tags within tags
    return new DOMParser().parseFromString(text, type);
  }

  function attribute(element, space, key, value, mark) {
    if (key === "style") {
      const given = element.ownerDocument.createElement("i");
      given.style.cssText = value;
      for (const name of STYLES) {
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
    // A figure of text or of an element, or null if the text is none. Both throw an Error that says why it is too much.
    svg(given, mark) {
      const root = typeof given === "string" ? parsed(given.slice(Math.max(given.indexOf("<svg"), 0)), "image/svg+xml").documentElement : given;
      if (root.localName !== "svg" || root.namespaceURI !== SVG) return null;
      return build([root], document.createDocumentFragment(), mark).firstChild;
    },
    html: (text, mark) => build(parsed(text, "text/html").body.childNodes, document.createElement("div"), mark),
  };
})();
