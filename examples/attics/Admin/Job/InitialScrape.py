from jobgen_runtime import Job

from Generated.Types import Band, InitialScrapeJob


class InitialScrape(Job[InitialScrapeJob]):
    async def perform(self, job: InitialScrapeJob) -> None:
        band = await Band.get(job.band_id)
        print(f"Scraping the shows of {band.name}.")
