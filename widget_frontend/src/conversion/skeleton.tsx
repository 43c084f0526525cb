const BARS = [100, 86, 71, 47, 29, 18];

/** The panel's outline while its figures are on their way: same heights, so that nothing jumps. */
export function PanelSkeleton() {
  return (
    <div class="panel" aria-hidden="true">
      <div class="filters">
        {BARS.slice(1).map((share) => (
          <div key={share} class="ghost choice" />
        ))}
      </div>
      <ReportSkeleton />
    </div>
  );
}

/** The part under the filters. */
export function ReportSkeleton() {
  return (
    <div class="body skeleton" aria-hidden="true">
      <div class="ghost sentence" />
      <div class="ghost line" />
      <div class="columns">
        <div>
          {BARS.map((share) => (
            <div key={share} class="step">
              <div class="ghost name" />
              <div class="track"><i class="ghost" style={{ width: `${String(share)}%` }} /></div>
              <div class="ghost number" />
            </div>
          ))}
        </div>
        <div class="ghost block" />
      </div>
    </div>
  );
}
