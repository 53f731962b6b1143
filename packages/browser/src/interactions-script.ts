import { watchInteractions } from './interactions.ts';
import { optionalClient } from './optional-client.ts';

const data = document.currentScript?.dataset ?? {};
const isOn = (name: string): boolean => name in data && data[name] !== 'false';

watchInteractions(optionalClient, {
  outbound: isOn('outbound'),
  forms: isOn('forms'),
  attributes: isOn('attributes'),
  ownHosts: data['ownHosts']?.split(/[\s,]+/),
});
