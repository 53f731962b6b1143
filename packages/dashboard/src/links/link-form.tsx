import type { LinkResponse } from '@headwater/client/api';
import {
  Accordion,
  Button,
  Group,
  SimpleGrid,
  Stack,
  TagsInput,
  TextInput,
  Textarea,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useHotkeys } from '@mantine/hooks';
import { useRef } from 'react';

import { fieldErrors } from '../api/fault-message.ts';
import { t } from '../messages/messages.ts';
import { Failed } from '../ui/loaded.tsx';
import { Panel } from '../ui/panel.tsx';
import { DomainSelect } from './domain-select.tsx';
import { ExpiryInput } from './expiry-input.tsx';
import { LinkPreview } from './link-preview.tsx';
import { emptyLink, toLinkBody, utmFields, valuesOf } from './link-values.ts';
import type { LinkValues } from './link-values.ts';

export interface LinkFormProps {
  /** What is changed or copied. */
  readonly link?: LinkResponse | undefined;
  /** Domain and key never change once a link is there. */
  readonly isNew: boolean;
  readonly isBusy: boolean;
  readonly fault: unknown;
  readonly onSubmit: (body: ReturnType<typeof toLinkBody>) => void;
}

export function LinkForm({ link, isNew, isBusy, fault, onSubmit }: LinkFormProps) {
  const element = useRef<HTMLFormElement>(null);
  const form = useForm<LinkValues>({
    initialValues: link === undefined ? emptyLink : valuesOf(link, isNew),
    validate: {
      url: (url) => (URL.canParse(url) ? null : t.links.urlProblem),
    },
  });
  useHotkeys([['mod+Enter', () => element.current?.requestSubmit()]], []);
  const refused = fieldErrors(fault);
  const field = (name: keyof LinkValues) => {
    const props = form.getInputProps(name);
    return { ...props, error: (props['error'] as string | undefined) ?? refused[name] };
  };
  return (
    <form ref={element} onSubmit={form.onSubmit((values) => onSubmit(toLinkBody(values, isNew)))}>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Panel>
          <Stack>
            <TextInput
              label={t.links.destination}
              placeholder="https://shop.example/spring"
              type="url"
              required
              data-autofocus
              {...field('url')}
            />
            {isNew && (
              <Group gap="sm" align="flex-start" grow>
                <DomainSelect {...field('domain')} />
                <TextInput
                  label={t.links.key}
                  description={t.links.keyHint}
                  inputWrapperOrder={['label', 'input', 'description', 'error']}
                  {...field('key')}
                />
              </Group>
            )}
            <TagsInput
              label={t.links.tags}
              clearable
              clearButtonProps={{ 'aria-label': t.actions.clear }}
              {...field('tags')}
            />
            <Accordion variant="separated" multiple defaultValue={['utm']}>
              <Accordion.Item value="utm">
                <Accordion.Control>{t.links.utm}</Accordion.Control>
                <Accordion.Panel>
                  <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
                    {utmFields.map((name) => (
                      <TextInput key={name} label={t.links.utmFields[name]} {...field(name)} />
                    ))}
                  </SimpleGrid>
                </Accordion.Panel>
              </Accordion.Item>
              <Accordion.Item value="targeting">
                <Accordion.Control>{t.links.targeting}</Accordion.Control>
                <Accordion.Panel>
                  <Stack gap="sm">
                    <TextInput label={t.links.iosUrl} type="url" {...field('ios_url')} />
                    <TextInput label={t.links.androidUrl} type="url" {...field('android_url')} />
                  </Stack>
                </Accordion.Panel>
              </Accordion.Item>
              <Accordion.Item value="more">
                <Accordion.Control>{t.links.more}</Accordion.Control>
                <Accordion.Panel>
                  <Stack gap="sm">
                    <ExpiryInput {...field('expires_at')} />
                    <TextInput
                      label={t.links.externalId}
                      description={t.links.externalIdHint}
                      {...field('external_id')}
                    />
                    <Textarea label={t.links.note} autosize minRows={2} {...field('note')} />
                  </Stack>
                </Accordion.Panel>
              </Accordion.Item>
            </Accordion>
            {fault != null && <Failed fault={fault} />}
            <Group justify="flex-end">
              <Button type="submit" loading={isBusy}>
                {isNew ? t.links.create : t.actions.save}
              </Button>
            </Group>
          </Stack>
        </Panel>
        <LinkPreview values={form.values} link={isNew ? undefined : link} />
      </SimpleGrid>
    </form>
  );
}
