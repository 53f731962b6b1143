import { useState } from 'react';

import type { LinkResponse } from '@headwater/client/api';
import { ActionIcon, Menu, Modal, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import {
  IconArchive,
  IconArchiveOff,
  IconCopyPlus,
  IconDots,
  IconPencil,
  IconQrcode,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';

import { useWrite } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { notifyDone, notifyFault } from '../ui/notify.ts';
import { shortAddress } from './short-address.ts';
import { QrCode } from './qr-code.tsx';
import { staleWithLinks } from './stale-links.ts';

/** What can be done with a link. */
export function LinkMenu({ link }: { readonly link: LinkResponse }) {
  const navigate = useNavigate();
  const may = useMay();
  const [showsQr, setShowsQr] = useState(false);
  const archive = useWrite('archiveLink', staleWithLinks);
  const restore = useWrite('restoreLink', staleWithLinks);
  const isArchived = link.archived_at !== null;

  const askToArchive = () =>
    modals.openConfirmModal({
      title: t.links.archiveTitle(shortAddress(link)),
      children: <Text size="sm">{t.links.archiveHint}</Text>,
      labels: { confirm: t.links.archive, cancel: t.actions.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        archive.mutate(
          { id: link.id },
          { onSuccess: () => notifyDone(t.links.archiveDone), onError: notifyFault },
        ),
    });

  return (
    <>
      <Menu position="bottom-end" shadow="md" withinPortal>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t.links.actionsOf(shortAddress(link))}
          >
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconPencil size={16} aria-hidden />}
            disabled={isArchived || !may.write}
            onClick={() => void navigate({ to: '/links/$id/edit', params: { id: link.id } })}
          >
            {t.actions.edit}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconQrcode size={16} aria-hidden />}
            onClick={() => setShowsQr(true)}
          >
            {t.links.qrCode}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconCopyPlus size={16} aria-hidden />}
            disabled={!may.write}
            onClick={() => void navigate({ to: '/links/new', search: { from: link.id } as never })}
          >
            {t.links.duplicate}
          </Menu.Item>
          <Menu.Divider />
          {isArchived ? (
            <Menu.Item
              leftSection={<IconArchiveOff size={16} aria-hidden />}
              disabled={!may.write}
              onClick={() =>
                restore.mutate(
                  { id: link.id },
                  { onSuccess: () => notifyDone(t.links.restoreDone), onError: notifyFault },
                )
              }
            >
              {t.links.restore}
            </Menu.Item>
          ) : (
            <Menu.Item
              color="red"
              leftSection={<IconArchive size={16} aria-hidden />}
              disabled={!may.write}
              onClick={askToArchive}
            >
              {t.links.archive}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={showsQr}
        onClose={() => setShowsQr(false)}
        title={t.links.qrOf(shortAddress(link))}
        closeButtonProps={{ 'aria-label': t.actions.close }}
      >
        <QrCode linkId={link.id} name={shortAddress(link)} />
      </Modal>
    </>
  );
}
