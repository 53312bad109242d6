// xterm.js writes its rules into <style> elements, which the page's content security policy forbids. It gets a
// document whose <style> elements put their text into constructed style sheets, which the policy allows.

export function styledDocument(document) {
  const createElement = (name, options) => {
    const element = document.createElement(name, options)
    return name === 'style' ? redirect(element, document) : element
  }
  return new Proxy(document, {
    get(target, property) {
      if (property === 'createElement') return createElement
      const value = Reflect.get(target, property, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function redirect(element, document) {
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
