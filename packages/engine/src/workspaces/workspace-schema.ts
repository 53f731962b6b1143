import * as z from 'zod';

import {
  attributionSettings,
  toAttributionSettings,
  toAttributionSettingsResponse,
} from '../attribution/attribution-settings-schema.ts';
import { idOut, jsonObject, text, timestampOut } from '../http/fields-schema.ts';
import { entityTypePattern } from '../invitations/entity.ts';
import type { InvitationSettings } from '../invitations/invitation-options.ts';
import { period } from '../invitations/invitation-schema.ts';
import { given } from '../kernel/given.ts';
import { appSchemeRule, isAppScheme } from '../links/link-url.ts';
import type { Refusal } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { FieldErrors, ValidationRefusal } from '../kernel/validation.ts';
import { sourceRules } from '../sources/source-rule-schema.ts';
import { privacyPresets } from '../privacy/privacy-rules.ts';
import type { UpdateWorkspaceInput } from './update-workspace.ts';
import type { Workspace, WorkspaceSettings } from './workspace.ts';

const kindSettings = z.strictObject({
  strength: z.enum(['authoritative', 'strong', 'device', 'weak']).optional(),
  limit: z.int().min(1).max(1_000).optional(),
  priority: z.int().min(1).max(1_000).optional(),
});

const retentionDays = z.int().min(1).max(36_500).optional();

const entityType = z.string().regex(entityTypePattern, {
  error: 'must have lower-case letters, digits and underscores',
});

const invitationSettings = z
  .strictObject({
    expires_in: period.nullish().meta({ description: '`null`: for ever' }),
    clean_up_after: period
      .nullish()
      .meta({ description: 'When what has expired is archived; `null`: never. Default: 30 days' }),
    entity_types: z.array(entityType).min(1).max(50).optional(),
    actions: z
      .record(
        entityType,
        z.strictObject({
          repeatable: z.boolean().optional(),
          event: z.enum(['invitation', 'registration']).optional(),
          arrives: z.boolean().optional(),
        }),
      )
      .optional(),
  })
  .meta({ description: 'What may be tracked on invitations, and how long they last' });

const referralSettings = z
  .strictObject({
    enabled: z.boolean().optional().meta({ default: true }),
    required: z
      .boolean()
      .optional()
      .meta({ description: 'Sign-ups need a code, and the gate is shut', default: false }),
    grandfather: z
      .boolean()
      .optional()
      .meta({ description: 'The gate lets in who was there before', default: true }),
    uses_max_per_code: z.int().min(1).max(1_000_000).optional().meta({ default: 100 }),
    codes_max_per_user: z.int().min(1).max(1_000_000).optional().meta({ default: 10 }),
    self_referral: z.enum(['refuse', 'flag']).optional().meta({ default: 'refuse' }),
  })
  .meta({ description: 'How referral codes work' });

const waitlistSettings = z
  .strictObject({ places_per_referral: z.int().min(0).max(1_000).optional().meta({ default: 10 }) })
  .meta({ description: 'How the waitlist moves' });

const partnerSettings = z
  .strictObject({
    frame_ancestors: z
      .array(
        z.string().regex(/^https?:\/\/[a-z0-9.-]+(?::\d{1,5})?$/, {
          error: 'must be an origin such as https://app.example.com',
        }),
      )
      .max(20)
      .optional()
      .meta({ description: "Whose pages may show the partner's page in a frame" }),
  })
  .meta({ description: 'How partners see what is theirs' });

const settingsParams = z.strictObject({
  browser_sales: z
    .boolean()
    .nullish()
    .meta({ description: 'May a page claim sales?', default: false }),
  browser_identify: z.enum(['proven', 'trusted']).nullish().meta({ default: 'proven' }),
  cookieless: z
    .boolean()
    .nullish()
    .meta({ description: 'Sets no cookies and recognises visitors for one day', default: false }),
  gpc: z
    .enum(['honoured', 'recorded'])
    .nullish()
    .meta({ description: 'What Global Privacy Control does', default: 'honoured' }),
  retention_days: z
    .int()
    .min(1)
    .max(36_500)
    .nullish()
    .meta({ description: 'Older events are refused' }),
  privacy: z
    .enum(privacyPresets)
    .nullish()
    .meta({ description: 'How much of people is stored', default: 'standard' }),
  retention: z
    .strictObject({
      machine_events: retentionDays,
      visits: retentionDays,
      attribution: retentionDays,
      click_ids: retentionDays,
      evidence: retentionDays,
    })
    .nullish()
    .meta({ description: 'Days after which what is not an event goes' }),
  identifier_kinds: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, {
        error: 'must have kinds of lower-case letters, digits and underscores',
      }),
      kindSettings,
    )
    .nullish(),
  blocked_identifiers: z.array(text(255)).max(1_000).nullish(),
  own_hosts: z
    .array(text(260))
    .max(200)
    .nullish()
    .meta({ example: ['shop.example.com'] }),
  app_schemes: z
    .array(z.string().refine(isAppScheme, { error: appSchemeRule }))
    .max(100)
    .nullish()
    .meta({
      description: 'What destinations of links may open beside http and https',
      example: ['myapp'],
    }),
  source_rules: sourceRules.nullish(),
  attribution: attributionSettings.nullish(),
  invitations: invitationSettings.nullish(),
  referrals: referralSettings.nullish(),
  waitlist: waitlistSettings.nullish(),
  partners: partnerSettings.nullish(),
});

export const workspaceUpdateParams = z
  .strictObject({
    name: text(200).optional(),
    slug: text(63).optional(),
    currency: text(3)
      .optional()
      .meta({ description: 'What `*_cents` fields are in', example: 'USD' }),
    timezone: text(64).optional().meta({ example: 'Europe/Berlin' }),
    settings: settingsParams
      .optional()
      .meta({ description: 'Merged by key; `null` brings the default back' }),
  })
  .meta({ id: 'WorkspaceUpdateParams' });

export const workspaceResponse = z
  .object({
    id: idOut,
    slug: z.string().meta({ example: 'default' }),
    name: z.string(),
    currency: z.string().meta({ example: 'USD' }),
    timezone: z.string().meta({ example: 'UTC' }),
    settings: jsonObject.meta({ example: { browser_sales: true } }),
    inserted_at: timestampOut,
    updated_at: timestampOut,
  })
  .meta({ id: 'WorkspaceResponse' });

export function toWorkspaceChanges(
  body: z.output<typeof workspaceUpdateParams>,
): UpdateWorkspaceInput {
  const { settings, ...fields } = body;
  if (settings === undefined) return fields;
  const changes = {
    browserSales: settings.browser_sales,
    browserIdentify: settings.browser_identify,
    cookieless: settings.cookieless,
    gpc: settings.gpc,
    retentionDays: settings.retention_days,
    privacy: settings.privacy,
    retention: settings.retention && toRetention(settings.retention),
    identifierKinds: settings.identifier_kinds,
    blockedIdentifiers: settings.blocked_identifiers,
    ownHosts: settings.own_hosts,
    appSchemes: settings.app_schemes,
    sourceRules: settings.source_rules,
    attribution: settings.attribution && toAttributionSettings(settings.attribution),
    invitations: settings.invitations && toInvitationSettings(settings.invitations),
    referrals: settings.referrals && toReferralSettings(settings.referrals),
    waitlist:
      settings.waitlist && given({ placesPerReferral: settings.waitlist.places_per_referral }),
    partners: settings.partners && given({ frameAncestors: settings.partners.frame_ancestors }),
  };
  const changed = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...fields, settings: Object.fromEntries(changed) };
}

function toInvitationSettings(
  settings: z.output<typeof invitationSettings>,
): NonNullable<WorkspaceSettings['invitations']> {
  const { expires_in: expiresIn, entity_types: entityTypes, actions } = settings;
  const { clean_up_after: cleanUpAfter } = settings;
  return {
    ...(expiresIn !== undefined && { expiresIn }),
    ...(cleanUpAfter !== undefined && { cleanUpAfter }),
    ...given({ entityTypes, actions: actions as InvitationSettings['actions'] }),
  };
}

function toReferralSettings(
  settings: z.output<typeof referralSettings>,
): NonNullable<WorkspaceSettings['referrals']> {
  return given({
    enabled: settings.enabled,
    required: settings.required,
    grandfather: settings.grandfather,
    usesMaxPerCode: settings.uses_max_per_code,
    codesMaxPerUser: settings.codes_max_per_user,
    selfReferral: settings.self_referral,
  });
}

function toRetention(
  days: NonNullable<z.output<typeof settingsParams>['retention']>,
): NonNullable<WorkspaceSettings['retention']> {
  const { machine_events: machineEvents, click_ids: clickIds, ...rest } = days;
  return given({ ...rest, machineEvents, clickIds });
}

/** Names settings as the wire does. */
export function toWorkspaceRefusal<R extends Refusal>(refusal: R): R | ValidationRefusal {
  if (refusal.code !== 'validation_failed' || refusal.errors === undefined) return refusal;
  const named = Object.entries(refusal.errors).map(([field, messages]) => [
    field.replace(/^settings\.sourceRules\b/, 'settings.source_rules'),
    messages,
  ]);
  return refuseFields(Object.fromEntries(named) as FieldErrors);
}

export function toWorkspaceResponse(workspace: Workspace): z.input<typeof workspaceResponse> {
  const { settings } = workspace;
  return {
    id: workspace.id,
    slug: workspace.slug,
    name: workspace.name,
    currency: workspace.currency,
    timezone: workspace.timezone,
    settings: {
      browser_sales: settings.browserSales,
      browser_identify: settings.browserIdentify,
      cookieless: settings.cookieless,
      gpc: settings.gpc,
      retention_days: settings.retentionDays,
      privacy: settings.privacy,
      retention: settings.retention && {
        machine_events: settings.retention.machineEvents,
        visits: settings.retention.visits,
        attribution: settings.retention.attribution,
        click_ids: settings.retention.clickIds,
        evidence: settings.retention.evidence,
      },
      identifier_kinds: settings.identifierKinds,
      blocked_identifiers: settings.blockedIdentifiers,
      own_hosts: settings.ownHosts,
      app_schemes: settings.appSchemes,
      source_rules: settings.sourceRules,
      attribution: settings.attribution && toAttributionSettingsResponse(settings.attribution),
      invitations: settings.invitations && {
        expires_in: settings.invitations.expiresIn,
        clean_up_after: settings.invitations.cleanUpAfter,
        entity_types: settings.invitations.entityTypes,
        actions: settings.invitations.actions,
      },
      referrals: settings.referrals && {
        enabled: settings.referrals.enabled,
        required: settings.referrals.required,
        grandfather: settings.referrals.grandfather,
        uses_max_per_code: settings.referrals.usesMaxPerCode,
        codes_max_per_user: settings.referrals.codesMaxPerUser,
        self_referral: settings.referrals.selfReferral,
      },
      waitlist: settings.waitlist && {
        places_per_referral: settings.waitlist.placesPerReferral,
      },
      partners: settings.partners && { frame_ancestors: settings.partners.frameAncestors },
    },
    inserted_at: workspace.createdAt.toISOString(),
    updated_at: workspace.updatedAt.toISOString(),
  };
}

export const browserProofKeyResponse = z
  .object({ key: z.string().meta({ description: '32 bytes as hexadecimal digits' }) })
  .meta({ id: 'BrowserProofKey' });
