import { geoNaturalEarth1, geoPath } from 'd3-geo';
import codes from 'i18n-iso-countries/codes.json';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import atlas from 'world-atlas/countries-110m.json';

export const mapWidth = 640;
export const mapHeight = 300;

/** A country as a path of an SVG. */
export interface Outline {
  readonly key: string;
  /** ISO 3166-1 alpha-2; empty for what has none, which nobody can be filtered by. */
  readonly code: string;
  readonly path: string;
}

const antarctica = '010';

/** The countries of Natural Earth at 1:110m, where small ones are too small to be there. */
export const worldOutlines: readonly Outline[] = drawWorld();

function drawWorld(): Outline[] {
  const topology = atlas as unknown as Topology<{ countries: GeometryCollection }>;
  const world = feature(topology, topology.objects.countries);
  // Nobody lives there, and it takes a fifth of the height.
  world.features = world.features.filter(({ id }) => id !== antarctica);
  const projection = geoNaturalEarth1().fitSize([mapWidth, mapHeight], world);
  // A tenth of a unit is less than a pixel.
  const draw = geoPath(projection).digits(1);
  const alpha2 = new Map(codes.map(([code, , number]) => [number, code]));
  return world.features.map((country, place) => ({
    key: String(place),
    code: alpha2.get(String(country.id)) ?? '',
    path: draw(country) ?? '',
  }));
}
