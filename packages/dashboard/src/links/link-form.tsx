import type { LinkResponse, UtmTemplateResponse } from '@headwater/client/api';
import {
  Accordion,
  Badge,
  Button,
  Group,
  SimpleGrid,
  Stack,
  TagsInput,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useHotkeys } from '@mantine/hooks';
import { useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';

import { fieldErrors } from '../api/fault-message.ts';
import { useRead } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { LimitsFields } from '../routing/limits-fields.tsx';
import { RulesFields } from '../routing/rules-fields.tsx';
import { TargetsFields } from '../routing/targets-fields.tsx';
import { VariantsFields } from '../routing/variants-fields.tsx';
import { Kept } from '../ui/kept.tsx';
import { Failed } from '../ui/loaded.tsx';
import { Panel } from '../ui/panel.tsx';
import { CardFields, CareFields } from './card-fields.tsx';
import { DomainSelect } from './domain-select.tsx';
import { FolderSelect } from './folder-select.tsx';
import { bindFields } from './link-field.ts';
import { LinkPreview } from './link-preview.tsx';
import { changedOnly, emptyLink, toLinkBody, utmFields, valuesOf } from './link-values.ts';
import type { LinkValues } from './link-values.ts';
import { UtmFields } from './utm-fields.tsx';

export interface LinkFormProps {
  /** What is changed or copied. */
  readonly link?: LinkResponse | undefined;
  /** Domain and key never change once a link is there. */
  readonly isNew: boolean;
  /** What a new link begins with. */
  readonly template?: UtmTemplateResponse | undefined;
  readonly isBusy: boolean;
  readonly fault: unknown;
  /** `changes` is what differs from how the form began. */
  readonly onSubmit: (
    body: ReturnType<typeof toLinkBody>,
    changes: ReturnType<typeof changedOnly>,
  ) => void;
}

export function LinkForm(props: LinkFormProps) {
  const { link, isNew, template, isBusy, fault, onSubmit } = props;
  const element = useRef<HTMLFormElement>(null);
  const form = useForm<LinkValues>({
    initialValues: link === undefined ? emptyLink(template) : valuesOf(link, isNew),
    validate: {
      url: (url) => (URL.canParse(url) ? null : t.links.urlProblem),
    },
  });
  useHotkeys([['mod+Enter', () => element.current?.requestSubmit()]], []);
  const refused = useMemo(() => fieldErrors(fault), [fault]);
  const field = bindFields(form, refused);
  const tags = useRead('listTags', undefined);
  const changed = isNew ? undefined : link;
  const sections = sectionsOf(form.values);
  const [open, setOpen] = useState<string[]>(() => ['utm', ...opened(sections)]);
  const fields = { form, field, refused };
  // What the server has against a field stands beside it, which a closed section does not show.
  const [shown, setShown] = useState(refused);
  if (shown !== refused) {
    setShown(refused);
    setOpen([...new Set([...open, ...Object.keys(refused).flatMap(sectionOf)])]);
  }
  const section = (name: keyof typeof sections, title: string, contents: ReactNode) => {
    const { count, about } = sections[name];
    return (
      <Accordion.Item value={name}>
        <Accordion.Control>
          <Group gap="xs">
            {title}
            {count > 0 && (
              <Badge size="sm" variant="light" circle={count < 10}>
                {count}
              </Badge>
            )}
          </Group>
        </Accordion.Control>
        <Accordion.Panel>
          {open.includes(name) && <Kept by={[JSON.stringify(about), refused]}>{contents}</Kept>}
        </Accordion.Panel>
      </Accordion.Item>
    );
  };
  return (
    <form
      ref={element}
      onSubmit={form.onSubmit((values) => {
        const body = toLinkBody(values, changed);
        onSubmit(body, changedOnly(body, toLinkBody(form.getInitialValues(), changed)));
      })}
    >
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Panel>
          <Stack>
            <TextInput
              label={t.links.destination}
              placeholder="https://shop.example/spring"
              // Not of the type `url`: a pattern link's destination has placeholders.
              inputMode="url"
              required
              data-autofocus
              {...field('url')}
            />
            {isNew && (
              <Group gap="sm" align="flex-start" grow>
                <DomainSelect {...field('domain')} />
                <TextInput
                  label={t.links.key}
                  description={t.linkForm.keyHint}
                  inputWrapperOrder={['label', 'input', 'description', 'error']}
                  {...field('key')}
                />
              </Group>
            )}
            <TagsInput
              label={t.links.tags}
              data={(tags.data ?? []).map(({ name }) => name)}
              clearable
              clearButtonProps={{ 'aria-label': t.actions.clear }}
              {...field('tags')}
            />
            <FolderSelect {...field('folder_id')} />
            <Accordion variant="separated" multiple value={open} onChange={setOpen}>
              {section('utm', t.links.utm, <UtmFields {...fields} />)}
              {section('rules', t.linkForm.sections.rules, <RulesFields {...fields} />)}
              {section('variants', t.linkForm.sections.variants, <VariantsFields {...fields} />)}
              {section('targets', t.linkForm.sections.targets, <TargetsFields {...fields} />)}
              {section(
                'limits',
                t.linkForm.sections.limits,
                <LimitsFields {...fields} isProtected={changed?.protected ?? false} />,
              )}
              {section('card', t.linkForm.sections.card, <CardFields {...fields} />)}
              {section('care', t.linkForm.sections.care, <CareFields {...fields} />)}
            </Accordion>
            {fault != null && <Failed fault={fault} />}
            <Group justify="flex-end">
              <Button type="submit" loading={isBusy}>
                {isNew ? t.links.create : t.actions.save}
              </Button>
            </Group>
          </Stack>
        </Panel>
        <LinkPreview values={form.values} link={changed} />
      </SimpleGrid>
    </form>
  );
}

/** How much is set in each section, and what it is made from. */
function sectionsOf(values: LinkValues) {
  const { rules, variants, goal, ...limits } = values.routing;
  const count = (...parts: readonly unknown[]): number =>
    parts.filter((part) => part !== '' && part !== false).length;
  const { ios_url, android_url, countries, expires_at, password, removesPassword } = values;
  const { og_title, og_description, og_image } = values;
  const { health_check, fallback_url, external_id, notes } = values;
  const maxima = Object.values(limits.limits).map(({ max }) => max);
  return {
    utm: { count: 0, about: utmFields.map((name) => values[name]) },
    rules: { count: rules.length, about: rules },
    variants: { count: variants.length, about: [variants, goal] },
    targets: {
      count: count(ios_url, android_url) + countries.length,
      about: [ios_url, android_url, countries],
    },
    limits: {
      count: count(limits.startAt, expires_at, password, limits.query !== 'all', ...maxima),
      about: [limits, expires_at, password, removesPassword],
    },
    card: {
      count: count(og_title, og_description, og_image),
      about: [og_title, og_description, og_image],
    },
    care: {
      count: count(health_check, fallback_url, external_id, notes),
      about: [health_check, fallback_url, external_id, notes],
    },
  };
}

/** The fields of each section by how their names in the API begin. */
const fieldsOf = {
  utm: /^utm_/,
  rules: /^routing\.rules/,
  variants: /^routing\.(variants|goal)/,
  targets: /^(ios_url|android_url|geo_targeting)/,
  limits: /^(routing\.(start|expiry|limits|query)|expires_at|password)/,
  card: /^og_/,
  care: /^(health_check|fallback_url|external_id|notes)/,
} as const satisfies Record<keyof ReturnType<typeof sectionsOf>, RegExp>;

function sectionOf(field: string): string[] {
  return Object.entries(fieldsOf).flatMap(([name, fields]) => (fields.test(field) ? [name] : []));
}

/** Rules and variants of a link that has them are there to be seen. */
function opened({ rules, variants }: ReturnType<typeof sectionsOf>): string[] {
  return [...(rules.count > 0 ? ['rules'] : []), ...(variants.count > 0 ? ['variants'] : [])];
}
