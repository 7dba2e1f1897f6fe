import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { deskApi } from '../../../desk/desk-api';
import { ProblemError } from '../../../desk/problem-error';
import classes from './sign-in-page.module.css';

/** A token from whoever runs the server; there is no default password. */
export function SignInPage({ onSignedIn }: { readonly onSignedIn: () => void }): ReactElement {
  const [token, setToken] = useState('');
  const [isSending, setIsSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const signIn = async (): Promise<void> => {
    setIsSending(true);
    setProblem(null);
    try {
      await deskApi.signIn(token.trim());
      onSignedIn();
    } catch (error) {
      const isRefused = error instanceof ProblemError && error.status === 401;
      setProblem(
        isRefused
          ? 'This token is nobody’s. Check that all of it was pasted.'
          : error instanceof Error
            ? error.message
            : 'Unknown reason.',
      );
    } finally {
      setIsSending(false);
    }
  };
  return (
    <main className={classes['page']} data-testid="sign-in-page">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <h1>Sign in to Veto</h1>
        <p>Paste the token that your administrator gave you.</p>
        <label>
          Token
          <input
            type="password"
            autoComplete="current-password"
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            aria-invalid={problem !== null}
            aria-describedby="sign-in-problem"
            autoFocus
            data-testid="sign-in-token"
          />
        </label>
        <p id="sign-in-problem" role="alert" className={classes['problem']}>
          {problem}
        </p>
        <Button type="submit" loading={isSending} disabled={token.trim() === ''}>
          Sign in
        </Button>
      </form>
    </main>
  );
}
