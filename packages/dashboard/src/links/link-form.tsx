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
import { useRef } from 'react';
import type { ReactNode } from 'react';

import { fieldErrors } from '../api/fault-message.ts';
import { useRead } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { LimitsFields } from '../routing/limits-fields.tsx';
import { RulesFields } from '../routing/rules-fields.tsx';
import { TargetsFields } from '../routing/targets-fields.tsx';
import { VariantsFields } from '../routing/variants-fields.tsx';
import { Failed } from '../ui/loaded.tsx';
import { Panel } from '../ui/panel.tsx';
import { CardFields, CareFields } from './card-fields.tsx';
import { DomainSelect } from './domain-select.tsx';
import { FolderSelect } from './folder-select.tsx';
import { bindFields } from './link-field.ts';
import { LinkPreview } from './link-preview.tsx';
import { emptyLink, toLinkBody, valuesOf } from './link-values.ts';
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
  readonly onSubmit: (body: ReturnType<typeof toLinkBody>) => void;
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
  const field = bindFields(form, fieldErrors(fault));
  const tags = useRead('listTags', undefined);
  const changed = isNew ? undefined : link;
  const sections = sectionsOf(form.values);
  const fields = { form, field };
  return (
    <form ref={element} onSubmit={form.onSubmit((values) => onSubmit(toLinkBody(values, changed)))}>
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
            <Accordion variant="separated" multiple defaultValue={['utm', ...opened(sections)]}>
              <Section name="utm" title={t.links.utm}>
                <UtmFields {...fields} />
              </Section>
              <Section name="rules" title={t.linkForm.sections.rules} count={sections.rules}>
                <RulesFields {...fields} />
              </Section>
              <Section
                name="variants"
                title={t.linkForm.sections.variants}
                count={sections.variants}
              >
                <VariantsFields {...fields} />
              </Section>
              <Section name="targets" title={t.linkForm.sections.targets} count={sections.targets}>
                <TargetsFields {...fields} />
              </Section>
              <Section name="limits" title={t.linkForm.sections.limits} count={sections.limits}>
                <LimitsFields {...fields} isProtected={changed?.protected ?? false} />
              </Section>
              <Section name="card" title={t.linkForm.sections.card} count={sections.card}>
                <CardFields {...fields} />
              </Section>
              <Section name="care" title={t.linkForm.sections.care} count={sections.care}>
                <CareFields {...fields} />
              </Section>
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

function Section(props: {
  readonly name: string;
  readonly title: string;
  /** How much of it is set. */
  readonly count?: number;
  readonly children: ReactNode;
}) {
  const { name, title, count = 0, children } = props;
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
      <Accordion.Panel>{children}</Accordion.Panel>
    </Accordion.Item>
  );
}

/** How much is set in each of the sections that are closed at first. */
function sectionsOf(values: LinkValues) {
  const { routing } = values;
  const count = (...parts: readonly boolean[]): number => parts.filter(Boolean).length;
  return {
    rules: routing.rules.length,
    variants: routing.variants.length,
    targets: count(values.ios_url !== '', values.android_url !== '') + values.countries.length,
    limits: count(
      routing.startAt !== '',
      values.expires_at !== '',
      values.password !== '',
      routing.query !== 'all',
      ...Object.values(routing.limits).map(({ max }) => max !== ''),
    ),
    card: count(values.og_title !== '', values.og_description !== '', values.og_image !== ''),
    care: count(
      values.health_check,
      values.fallback_url !== '',
      values.external_id !== '',
      values.notes !== '',
    ),
  };
}

/** Rules and variants of a link that has them are there to be seen. */
function opened({ rules, variants }: ReturnType<typeof sectionsOf>): string[] {
  return [...(rules > 0 ? ['rules'] : []), ...(variants > 0 ? ['variants'] : [])];
}
