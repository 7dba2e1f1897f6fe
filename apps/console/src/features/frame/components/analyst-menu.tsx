import { Menu } from '@mantine/core';
import type { ReactElement } from 'react';
import { deskApi } from '../../../desk/desk-api';
import { useDesk } from '../../../desk/desk-context';
import { sentenceOfCode } from '../../../format/text';
import { DENSITIES, setPreferences, usePreferences } from '../../../preferences/preferences';

const CHOSEN = '✓ ';
const NOT_CHOSEN = '\u2003';

/** The session ends on the server; the page goes with everything that it holds. */
async function signOut(): Promise<void> {
  await deskApi.signOut();
  window.location.assign('/signin');
}

/** How this analyst likes the screen: theme, density, single keys. Open as soon as it is there. */
export function AnalystMenu({ children }: { readonly children: ReactElement }): ReactElement {
  const { session } = useDesk();
  const { theme, density, singleKeys } = usePreferences();
  return (
    <Menu defaultOpened position="bottom-end" withinPortal transitionProps={{ duration: 0 }}>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Theme</Menu.Label>
        {(['system', 'light', 'dark'] as const).map((each) => (
          <Menu.Item
            key={each}
            onClick={() => setPreferences({ theme: each })}
            aria-current={theme === each}
            data-testid={`theme-${each}`}
          >
            {theme === each ? CHOSEN : NOT_CHOSEN}
            {sentenceOfCode(each)}
          </Menu.Item>
        ))}
        <Menu.Label>Density</Menu.Label>
        {DENSITIES.map((each) => (
          <Menu.Item
            key={each}
            onClick={() => setPreferences({ density: each })}
            aria-current={density === each}
            data-testid={`density-${each}`}
          >
            {density === each ? CHOSEN : NOT_CHOSEN}
            {sentenceOfCode(each)}
          </Menu.Item>
        ))}
        <Menu.Label>Keyboard</Menu.Label>
        <Menu.Item
          onClick={() => setPreferences({ singleKeys: !singleKeys })}
          closeMenuOnClick={false}
          data-testid="single-keys"
        >
          {singleKeys ? CHOSEN : NOT_CHOSEN}Single-key shortcuts
        </Menu.Item>
        {session.mode === 'production' && (
          <>
            <Menu.Divider />
            <Menu.Item onClick={() => void signOut()} data-testid="sign-out">
              {NOT_CHOSEN}Sign out
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
