import * as z from 'zod';

import { idOut, text, timestampOut, uuid } from '../http/fields-schema.ts';
import type { UtmTemplateInput } from './manage-utm-templates.ts';
import type { UtmTemplate } from './utm-template.ts';

export const utmTemplateIdParams = z.object({ id: uuid });

const values = {
  utm_source: text(255).nullish().meta({ example: 'newsletter' }),
  utm_medium: text(255).nullish().meta({ example: 'email' }),
  utm_campaign: text(255).nullish(),
  utm_content: text(255).nullish(),
  utm_term: text(255).nullish(),
  is_default: z.boolean().optional().meta({
    description: 'Applied to every new link that names no other one; there is one at most',
  }),
};

export const utmTemplateParams = z
  .strictObject({ name: text(100), ...values })
  .meta({ id: 'UtmTemplateParams' });

export const utmTemplateUpdateParams = z
  .strictObject({ name: text(100).optional(), ...values })
  .meta({ id: 'UtmTemplateUpdateParams', description: 'What is absent stays, `null` clears.' });

const optionalText = z.string().nullable();

export const utmTemplateResponse = z
  .object({
    id: idOut,
    name: z.string(),
    utm_source: optionalText,
    utm_medium: optionalText,
    utm_campaign: optionalText,
    utm_content: optionalText,
    utm_term: optionalText,
    is_default: z.boolean(),
    inserted_at: timestampOut,
    updated_at: timestampOut,
  })
  .meta({ id: 'UtmTemplateResponse' });

export function toUtmTemplateInput(
  body: z.output<typeof utmTemplateUpdateParams>,
): UtmTemplateInput {
  const fields = {
    name: body.name,
    utmSource: body.utm_source,
    utmMedium: body.utm_medium,
    utmCampaign: body.utm_campaign,
    utmContent: body.utm_content,
    utmTerm: body.utm_term,
    isDefault: body.is_default,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

export function toUtmTemplateResponse(template: UtmTemplate): z.input<typeof utmTemplateResponse> {
  return {
    id: template.id,
    name: template.name,
    utm_source: template.utmSource,
    utm_medium: template.utmMedium,
    utm_campaign: template.utmCampaign,
    utm_content: template.utmContent,
    utm_term: template.utmTerm,
    is_default: template.isDefault,
    inserted_at: template.createdAt.toISOString(),
    updated_at: template.updatedAt.toISOString(),
  };
}
