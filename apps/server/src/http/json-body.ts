import { isUtf8 } from 'node:buffer';
import { findPans, type Issue } from '@veto/domain';
import { Refusal } from './refusal';

/** 32 KiB. */
export const BODY_BYTES_MAX = 32 * 1024;
/** Objects and arrays inside one another. */
export const BODY_DEPTH_MAX = 8;
export const ARRAY_LENGTH_MAX = 100;
const ISSUE_COUNT_MAX = 20;

/**
 * Bytes of a request → a value that is safe to look at: UTF-8, JSON, no deeper than `BODY_DEPTH_MAX`, every number
 * finite, and no member that could reach an object's prototype.
 * @throws Refusal malformed_json | invalid_request with pointers | unsupported_media_type
 */
export function readJsonBody(bytes: Buffer, contentType: string): unknown {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)"?/i.exec(contentType)?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new Refusal('unsupported_media_type', 'The body has another charset than UTF-8.');
  }
  if (bytes.length === 0) throw new Refusal('malformed_json', 'The body is empty.');
  if (!isUtf8(bytes)) throw new Refusal('malformed_json', 'The body is not valid UTF-8.');
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString('utf8'));
  } catch {
    // The parser's own message repeats a piece of the body, which may hold a card number.
    throw new Refusal('malformed_json', 'The body is not valid JSON.', {
      issues: [{ pointer: '', code: 'malformed_json', detail: 'does not parse as JSON (RFC 8259)' }],
    });
  }
  if (!isSafe(body, 1)) {
    const issues = unsafeParts(body);
    throw new Refusal('invalid_request', 'The body holds parts that are never accepted.', { issues });
  }
  return body;
}

function isUnsafeName(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype';
}

/** Whether `unsafeParts` has nothing to say, which is so of nearly every body: without a pointer to each of its parts. */
function isSafe(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value !== 'object') return true;
  if (depth > BODY_DEPTH_MAX) return false;
  if (Array.isArray(value))
    return value.length <= ARRAY_LENGTH_MAX && value.every((item) => isSafe(item, depth + 1));
  for (const key of Object.keys(value)) {
    if (isUnsafeName(key) || !isSafe((value as Readonly<Record<string, unknown>>)[key], depth + 1))
      return false;
  }
  return true;
}

/** Every place that no schema may ever see. */
function unsafeParts(body: unknown): Issue[] {
  const issues: Issue[] = [];
  const report = (pointer: string, code: string, detail: string): void => {
    if (issues.length < ISSUE_COUNT_MAX) issues.push({ pointer, code, detail });
  };
  const visit = (value: unknown, pointer: string, depth: number): void => {
    if (typeof value === 'number') {
      if (!Number.isFinite(value))
        report(pointer, 'number_out_of_range', 'is a number that does not fit into 64 bits');
      return;
    }
    if (value === null || typeof value !== 'object') return;
    if (depth > BODY_DEPTH_MAX) {
      report(pointer, 'too_deep', `lies deeper than ${BODY_DEPTH_MAX} levels`);
      return;
    }
    if (Array.isArray(value) && value.length > ARRAY_LENGTH_MAX) {
      report(pointer, 'too_long', `holds more than ${ARRAY_LENGTH_MAX} items`);
      return;
    }
    for (const key of Object.keys(value)) {
      if (isUnsafeName(key)) {
        report(`${pointer}/${key}`, 'name_not_accepted', 'is a name that is never accepted');
      } else {
        visit((value as Readonly<Record<string, unknown>>)[key], pointer + segment(key), depth + 1);
      }
    }
  };
  visit(body, '', 1);
  return issues;
}

/** A member's name as part of a pointer; a name that could be a card number is not repeated. */
function segment(key: string): string {
  if (key.length > 64 || findPans(key).length > 0) return '/*';
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
