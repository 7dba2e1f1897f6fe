import { RouterProvider } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Announcer } from '../ui/announcer';
import { Providers } from './providers';
import { router } from './router';

export function App(): ReactElement {
  return (
    <Providers>
      <Announcer />
      <RouterProvider router={router} />
    </Providers>
  );
}
