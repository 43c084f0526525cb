import type { ConversionReport, ReportSegment, ReportStep } from '../api/types';
import { moment, percent, quoted, span, whole } from '../format/format';
import { t } from '../i18n/translate';
import { LEAST_SAMPLE } from './geometry';

/** A shorter wait than this happened in one go: a call was answered, a form was filled at once. */
const AT_ONCE_S = 60;

/** What a reader of the screen hears in the place of the picture. */
export function summaryText(segment: ReportSegment): string {
  const steps = segment.steps.map((step) =>
    t('panel.summaryStep', { title: titleText(step), done: step.done, entered: step.entered }),
  );
  return t('panel.summary', { segment: quoted(segment.title), deals: segment.deals, steps: steps.join('. ') });
}

/** A step's title; an optional step says so. */
export function titleText(step: ReportStep): string {
  return step.is_optional ? `${step.title} (${t('optional')})` : step.title;
}

/** How old the figures are and over how many deals they are. */
export function asOfText(report: ConversionReport, now: Date): string {
  return t('panel.asOf', { when: moment(report.as_of, now), deals: whole(report.deals) });
}

/** A share with its honest gap: a dash when no share can be given. */
export function shareText(share: number | null, of: number): string {
  if (share !== null) return percent(share);
  return of > 0 && of < LEAST_SAMPLE ? t('panel.few') : '–';
}

export function intervalText(interval: [number, number] | null): string {
  return interval ? `${percent(interval[0]).slice(0, -1)}–${percent(interval[1])}` : '–';
}

export function waitText(seconds: number): string {
  return seconds < AT_ONCE_S ? t('panel.atOnce') : span(seconds);
}

export function medianText(seconds: number): string {
  return seconds < AT_ONCE_S ? t('panel.medianAtOnce') : t('panel.median', { span: span(seconds) });
}

export function droppedText(dropped: number): string {
  return t('panel.dropped', { n: dropped, shown: whole(dropped) });
}

/** What the number of those who stopped opens, for who cannot see where it stands. */
export function stoppedLabel(step: ReportStep): string {
  return t('panel.openDropped', { step: quoted(step.title), n: step.dropped, shown: whole(step.dropped) });
}

/** The same for those who took the step. */
export function reachedLabel(step: ReportStep): string {
  return t('panel.openReached', { step: quoted(step.title), n: step.done, shown: whole(step.done) });
}
