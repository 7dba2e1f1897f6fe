import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useDesk, useSelection } from '../desk/desk-context';

/** The address follows the selection only when it rests: a held J is not a hundred navigations. */
const SYNC_AFTER_MS = 300;

/** The selected alert is part of the address, both ways: a link opens with it, and moving rewrites the address. */
export function useSelectionInUrl(fromUrl: string | undefined): void {
  const desk = useDesk();
  const selected = useSelection();
  const navigate = useNavigate({ from: '/queue' });
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current && fromUrl !== undefined) desk.selection.set(fromUrl);
    isFirst.current = false;
  }, [desk, fromUrl]);
  useEffect(() => {
    if (selected === null || selected === fromUrl) return;
    const timer = setTimeout(() => {
      void navigate({ search: (before) => ({ ...before, sel: selected }), replace: true });
    }, SYNC_AFTER_MS);
    return () => clearTimeout(timer);
  }, [selected, fromUrl, navigate]);
}
