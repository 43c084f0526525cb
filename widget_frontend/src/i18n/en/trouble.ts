import type { Messages } from '../translate';

/** Texts of all pages that the card needs only when something is missing, old or out of order. */
export const trouble = {
  'nav.label': 'Sections',
  'nav.settings': 'Map of steps',
  'nav.panel': 'Conversion',
  'nav.lock': 'Lock',
  'nav.objections': 'Objections',
  'nav.account': 'Settings',
  'retry': 'Try again',
  'error.title': 'This could not be loaded',
  'error.body': 'Try again in a minute. If it stays so, show your admin the code {id}.',
  'error.noRightsTitle': 'This page needs admin rights',
  'error.noRightsBody': 'Ask the account’s admin: they can give you access or do it for you.',
  'error.sessionTitle': 'We could not tell who you are',
  'error.sessionBody': 'Reload the CRM page. If it stays so, ask your admin to install Stepgate again.',
  'error.hostTitle': 'Please open this page from your CRM',
  'error.hostBody': 'Stepgate knows you through the CRM, so it cannot open by itself.',
  'stale.crm_unavailable': 'The CRM does not answer right now. This is how it was {when}.',
  'stale.reauth_required': 'The link to the CRM is cut. This is how it was {when}. An admin needs to connect Stepgate again.',
  'stale.other': 'As of {when}. We will catch up as soon as we can.',
  'backfill.partial': 'Reading the deals’ history: {share}. Figures and marks will still grow.',
  'backfill.starting': 'Reading the deals’ history. Figures and marks will still grow.',
} satisfies Messages;
