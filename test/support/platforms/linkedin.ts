import {
  and,
  currency,
  isRecord,
  list,
  majorDecimal,
  object,
  recent,
  rowOf,
  rule,
  sha256,
  text,
} from './form.ts';
import type { Check, Fault } from './form.ts';
import type { Judgement, StandIn } from './stand-in.ts';

const idTypes: Readonly<Record<string, Check>> = {
  SHA256_EMAIL: sha256,
  LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID: text(),
  PLAINTEXT_IP_ADDRESS: text(/^(?:\d{1,3}\.){3}\d{1,3}$/, 'must be IPv4'),
};
const userId: Check = (value, path) => {
  if (!isRecord(value) || Object.keys(value).toSorted().join() !== 'idType,idValue')
    return [{ path, rule: 'must have idType and idValue' }];
  const check = idTypes[String(value['idType'])];
  return check === undefined
    ? [{ path: `${path}/idType`, rule: 'is unknown' }]
    : check(value['idValue'], `${path}/idValue`);
};
const user = and(
  object(
    { userIds: list(userId, { min: 0 }) },
    {
      userInfo: object(
        { firstName: text(/\S/), lastName: text(/\S/) },
        { companyName: text(), title: text(), countryCode: text(/^[A-Z]{2}$/) },
      ),
      externalIds: list(text(), { max: 1 }),
    },
  ),
  rule(
    (value) => (value['userIds'] as unknown[]).length > 0 || value['userInfo'] !== undefined,
    'names nobody',
  ),
);

/** LinkedIn Conversions API: a batch needs its header, and one wrong row rejects it. Rule 104099 takes no API calls. */
export const linkedin: StandIn = {
  name: 'linkedin',
  hosts: ['api.linkedin.com'],
  judge({ method, path, headers, body, now }): Judgement {
    if (method !== 'POST' || path !== '/rest/conversionEvents') return refused(404, 'NOT_FOUND');
    const version = headers['linkedin-version'] ?? '';
    if (!/^\d{6}$/.test(version) || version < '202512')
      return refused(426, 'NONEXISTENT_VERSION', `Requested version ${version} is not active`);
    if (headers['x-restli-protocol-version'] !== '2.0.0') return refused(400, 'PROTOCOL_VERSION');
    if (headers['authorization'] !== 'Bearer LI_TOKEN')
      return refused(401, 'INVALID_ACCESS_TOKEN', 'Invalid access token', 65_600);
    const isBatch = headers['x-restli-method'] === 'BATCH_CREATE';
    const event = object(
      {
        conversion: text(/^urn:lla:llaPartnerConversion:\d+$/),
        conversionHappenedAt: recent(now, { days: 90 }, 'milliseconds'),
        user,
      },
      {
        conversionValue: and(
          object({ currencyCode: currency, amount: text() }),
          majorDecimal('currencyCode', 'amount'),
        ),
        eventId: text(),
      },
    );
    const form = isBatch ? object({ elements: list(event, { max: 5_000 }) }) : event;
    const faults = form(body, '');
    if (faults.length > 0) return refused(422, 'UNPROCESSABLE', wordsOf(faults, isBatch));
    const events = (isBatch ? (body as { elements: unknown }).elements : [body]) as Event[];
    const wrongRules = events.flatMap(({ conversion }, row) =>
      conversion.endsWith(':104099') ? [row] : [],
    );
    if (wrongRules.length > 0)
      return refused(
        400,
        'BAD_REQUEST',
        `Incorrect conversions information provided. Conversion's method should be CONVERSIONS_API, indices [${wrongRules.join()}] (0-indexed)`,
      );
    return {
      answer: isBatch
        ? { status: 200, body: { elements: events.map(() => ({ status: 201 })) } }
        : { status: 201 },
      counted: events.map((conversion) => ({
        key: `${conversion.conversion} ${String(conversion['eventId'])}`,
        conversion,
      })),
    };
  },
};

interface Event extends Readonly<Record<string, unknown>> {
  readonly conversion: string;
}

function refused(status: number, code: string, message = code, serviceErrorCode = 0): Judgement {
  return { answer: { status, body: { status, code, message, serviceErrorCode } } };
}

function wordsOf(faults: readonly Fault[], isBatch: boolean): string {
  return faults
    .map((fault) => {
      const field = fault.path.replace(/^elements\[\d+\]\.?/, '').replaceAll('.', '/');
      return `Index: ${isBatch ? rowOf(fault) : 0}, ERROR :: /${field} :: ${fault.rule}\n`;
    })
    .join('');
}
