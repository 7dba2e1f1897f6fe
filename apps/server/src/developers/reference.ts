import { Controller, Get, Inject, Module, type DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { OpenApiDocument } from './openapi';

const OPENAPI = Symbol('OpenApiDocument');

@Controller()
export class OpenApiController {
  readonly #document: OpenApiDocument;

  constructor(@Inject(OPENAPI) document: OpenApiDocument) {
    this.#document = document;
  }

  @Get('openapi.json')
  document(): OpenApiDocument {
    return this.#document;
  }
}

/** What developers read: the document, and the page drawn from it. */
@Module({})
export class DevelopersModule {
  static with(document: OpenApiDocument): DynamicModule {
    return {
      module: DevelopersModule,
      controllers: [OpenApiController],
      providers: [{ provide: OPENAPI, useValue: document }],
    };
  }
}

/** The reference page at `/docs`: every file of it comes from this server, so it works offline and under our policy. */
export function installReferencePage(app: NestFastifyApplication, document: OpenApiDocument): void {
  // The library's type is of OpenAPI 3.0 and knows less than 3.1 says; the page itself reads 3.1.
  SwaggerModule.setup('docs', app, document as unknown as OpenAPIObject, {
    raw: false,
    customSiteTitle: 'Veto API',
    swaggerOptions: {
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      tryItOutEnabled: true,
      persistAuthorization: false,
    },
  });
}
