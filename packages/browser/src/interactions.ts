import type { Headwater } from './options.ts';
import { safely } from './safely.ts';

/** What is watched; nothing by default. */
export interface InteractionOptions {
  /**
   * Records `outbound_click` for followed links to other hosts.
   * @default false
   */
  outbound?: boolean | undefined;
  /**
   * Records `form_submit`: which form, never what was put into it.
   * @default false
   */
  forms?: boolean | undefined;
  /**
   * Records what `data-hw-event` names, with `data-hw-event-…` as its properties.
   * @default false
   */
  attributes?: boolean | undefined;
  /** Hosts that are no other ones, beside that of the page. */
  ownHosts?: readonly string[] | undefined;
}

const eventAttribute = 'data-hw-event';

/**
 * Watches clicks and forms of the whole page, also of what is added to it later.
 *
 * @returns what ends it.
 * @example
 * watchInteractions(init({ endpoint: '/hw' }), { outbound: true, attributes: true });
 */
export function watchInteractions(
  headwater: Pick<Headwater, 'track'>,
  options: InteractionOptions,
): () => void {
  const { outbound, forms, attributes, ownHosts = [] } = options;

  function onClick(event: MouseEvent): void {
    // The middle button opens a link as well; the right one only asks what to do with it.
    if (event.type === 'auxclick' && event.button !== 1) return;
    const [target] = event.composedPath();
    if (!(target instanceof Element)) return;
    const marked = attributes ? target.closest(`[${eventAttribute}]`) : null;
    if (marked && !(marked instanceof HTMLFormElement)) trackMarked(marked);
    const link = outbound ? target.closest('a[href], area[href]') : null;
    if (link) trackLink(link);
  }

  function trackLink(link: Element): void {
    const url = new URL(link.getAttribute('href')!, document.baseURI);
    const isOther = url.host !== location.host && !ownHosts.includes(url.hostname);
    if (!isOther || !/^https?:$/.test(url.protocol)) return;
    // Queries of other sites may hold what is nobody's business.
    headwater.track('outbound_click', { url: url.origin + url.pathname, host: url.host });
  }

  function onSubmit(event: SubmitEvent): void {
    const [form] = event.composedPath();
    if (!(form instanceof HTMLFormElement)) return;
    if (attributes && form.hasAttribute(eventAttribute)) trackMarked(form);
    if (!forms) return;
    // By attribute: a field called `action` or `id` hides the form's own property.
    const { origin, pathname } = new URL(form.getAttribute('action') ?? '', document.baseURI);
    headwater.track('form_submit', {
      form: form.getAttribute('id') ?? form.getAttribute('name'),
      action: origin + pathname,
    });
  }

  function trackMarked(element: Element): void {
    const properties: Record<string, string> = {};
    for (const { name, value } of element.attributes) {
      if (name.startsWith(`${eventAttribute}-`))
        properties[name.slice(eventAttribute.length + 1).replace(/-/g, '_')] = value;
    }
    headwater.track(element.getAttribute(eventAttribute)!, properties);
  }

  // On the way down: a handler of the page that stops the event cannot hide it.
  const ending = new AbortController();
  const watch = { capture: true, signal: ending.signal };
  const click = safely(onClick);
  document.addEventListener('click', click, watch);
  document.addEventListener('auxclick', click, watch);
  document.addEventListener('submit', safely(onSubmit), watch);
  return () => ending.abort();
}
