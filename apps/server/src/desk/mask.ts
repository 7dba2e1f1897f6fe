import type { TransactionPayload } from '@veto/domain';

/** `anna.berg@example.org` → `a•••@example.org`: enough to recognise, not enough to write to. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  return at < 1 ? '•••' : `${email[0] ?? ''}•••${email.slice(at)}`;
}

/** `+34 600 123 456` → `•••456`. */
export function maskPhone(phone: string): string {
  return `•••${phone.slice(-3)}`;
}

/** A payment as the desk shows it: the e-mail and the phone number masked. */
export function maskedPayload(payload: TransactionPayload): TransactionPayload {
  const { customer } = payload;
  if (customer === undefined) return payload;
  return {
    ...payload,
    customer: {
      ...customer,
      ...(customer.email !== undefined && { email: maskEmail(customer.email) }),
      ...(customer.phone !== undefined && { phone: maskPhone(customer.phone) }),
    },
  };
}
