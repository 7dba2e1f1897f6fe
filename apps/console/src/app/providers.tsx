import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useLayoutEffect, type ReactElement, type ReactNode } from 'react';
import { ProblemError } from '../desk/problem-error';
import { usePreferences, useShownTheme } from '../preferences/preferences';
import { Notices } from '../ui/notices';
import { cssVariablesResolver, theme } from './theme';

/** Tries again only what may succeed: a network that was away, a server that asked for patience. */
function isWorthAnotherTry(failureCount: number, error: Error): boolean {
  const isPassing = error instanceof ProblemError && (error.status === 0 || error.status === 503);
  return isPassing && failureCount < 3;
}

const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 30_000, gcTime: 120_000, retry: isWorthAnotherTry, refetchOnWindowFocus: false },
  },
});

/** What every page stands in: colours, density, notices, the cache of REST data. */
export function Providers({ children }: { readonly children: ReactNode }): ReactElement {
  const shownTheme = useShownTheme();
  const { density } = usePreferences();
  useLayoutEffect(() => {
    document.documentElement.dataset['theme'] = shownTheme;
    document.documentElement.dataset['density'] = density;
  }, [shownTheme, density]);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} forceColorScheme={shownTheme}>
      <QueryClientProvider client={queryClient}>
        {children}
        <Notices />
      </QueryClientProvider>
    </MantineProvider>
  );
}
