import { ChecklistStore } from '../checklist/store';
import { Card, CardSkeleton, Unfilled, prepare } from '../checklist/card';
import { boot } from '../ui/boot';

void boot({
  texts: {
    ru: () => import('../i18n/ru/card_page').then((module) => module.messages),
    en: () => import('../i18n/en/card_page').then((module) => module.messages),
  },
  skeleton: () => (
    <div class="card">
      <CardSkeleton />
    </div>
  ),
  draw: ({ api, context, host }) =>
    context.dealId && context.dealId !== '0' ? (
      <Card store={new ChecklistStore(api, context.dealId, prepare, host)} />
    ) : (
      <main class="card">
        <Unfilled trouble="unsaved" errorId="" onRetry={() => undefined} />
      </main>
    ),
});
