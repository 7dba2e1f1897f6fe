import '@mantine/notifications/styles.css';
import { Notifications, notifications } from '@mantine/notifications';
import type { ReactElement } from 'react';
import type { Notice } from './notices';

const CLOSE_AFTER_MS = 10_000;

export function NoticeTray(): ReactElement {
  return <Notifications position="bottom-center" limit={3} />;
}

export function pushNotice({ title, message }: Notice): void {
  notifications.show({ title, message, color: 'red', autoClose: CLOSE_AFTER_MS });
}
