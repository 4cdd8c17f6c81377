/** Quarantine: HTML of a mail for a browser, in a page that shows what is in it, and loads, runs and goes to nothing. */

/** What a page of these rules may do; it stands in the page, and again in the frame, which inherits it anyway. */
const rules = [
  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; ",
  "img-src data:; form-action 'none'; base-uri 'none'\">",
  '<meta name="referrer" content="no-referrer"><meta http-equiv="x-dns-prefetch-control" content="off">',
].join('');

const page = `<!doctype html><meta charset="utf-8">${rules}<style>html, body, iframe { display: block; margin: 0; border: 0; width: 100%; height: 100% }</style>\n`;

/**
 * Elements that speak to the browser, which no policy stops from looking up names; and frames that bring a page of their
 * own in an attribute. Wherever these letters stand, also in comments, scripts and attributes: so it is of no matter how
 * a browser reads what is around them.
 */
const speaking = /<(?=(?:meta|link|base|iframe)(?![a-z0-9-]))/gi;

/** A page with the HTML in a frame that has no rights (spec/reader.md, HTML for a browser). */
export function inQuarantine(html: string): string {
  // An element without end or content, of which nothing is seen.
  const mute = html.replace(speaking, '<wbr data-');
  return `${page}<iframe sandbox srcdoc="${escaped(`<!doctype html>${rules}${mute}`)}"></iframe>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
