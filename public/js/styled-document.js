// xterm.js writes its rules into <style> elements and true colours into style attributes, which the page's content
// security policy forbids. It gets a document whose <style> elements put their text into constructed style sheets
// and whose <span> elements set the attribute by its property; the policy allows both.

export function styledDocument(document) {
  const createElement = creator(document)
  return new Proxy(document, {
    get(target, property) {
      if (property === 'createElement') return createElement
      const value = Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

// One part of xterm.js 6.0 takes the page's own document in spite of `documentOverride`, while it opens.
export function openStyled(document, open) {
  const createElement = creator(document)
  document.createElement = createElement
  try {
    open()
  } finally {
    delete document.createElement
  }
}

function creator(document) {
  const createElement = Document.prototype.createElement.bind(document)
  return (name, options) => {
    if (name === 'style') return sheetElement(document, createElement)
    const element = createElement(name, options)
    return name === 'span' ? styledByProperty(element) : element
  }
}

// An empty <style> is forbidden as well, so it is another element that shows nothing.
function sheetElement(document, createElement) {
  const element = createElement('template')
  const sheet = new CSSStyleSheet()
  let text = ''
  document.adoptedStyleSheets.push(sheet)
  Object.defineProperty(element, 'textContent', {
    get: () => text,
    set(rules) {
      text = rules
      sheet.replaceSync(rules)
    },
  })
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet)
    Element.prototype.remove.call(element)
  }
  return element
}

function styledByProperty(span) {
  span.setAttribute = (name, value) => {
    if (name === 'style') span.style.cssText = value
    else Element.prototype.setAttribute.call(span, name, value)
  }
  return span
}
